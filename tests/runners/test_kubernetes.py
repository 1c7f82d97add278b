"""The values for Actions Runner Controller: what they must never lose. No cluster is asked."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tests.runners import places

VALUES: dict[str, Any] = yaml.safe_load((places.RUNNERS / "kubernetes/values.yml").read_text())
POLICY: dict[str, Any] = yaml.safe_load(
    (places.RUNNERS / "kubernetes/network-policy.yml").read_text()
)
SPEC = VALUES["template"]["spec"]
(RUNNER,) = SPEC["containers"]
GPU = "nvidia.com/gpu"


def test_values__cost_nothing_while_there_is_no_job() -> None:
    assert VALUES["minRunners"] == 0
    assert VALUES["maxRunners"] >= 1


def test_values__ask_for_whole_gpus_on_nodes_of_their_own() -> None:
    resources = RUNNER["resources"]
    assert resources["limits"][GPU] == resources["requests"][GPU] >= 1
    assert SPEC["nodeSelector"]
    assert GPU in {each["key"] for each in SPEC["tolerations"]}
    assert all(each["effect"] == "NoSchedule" for each in SPEC["tolerations"])


def test_values__give_a_job_no_rights() -> None:
    assert SPEC["securityContext"]["runAsNonRoot"] is True
    assert SPEC["automountServiceAccountToken"] is False
    assert RUNNER["securityContext"]["allowPrivilegeEscalation"] is False
    assert RUNNER["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(SPEC)
    assert "containerMode" not in VALUES


def test_values__leave_nothing_behind() -> None:
    assert SPEC["restartPolicy"] == "Never"
    assert all(set(volume) == {"name", "emptyDir"} for volume in SPEC["volumes"])
    named = {volume["name"] for volume in SPEC["volumes"]}
    assert {mount["name"] for mount in RUNNER["volumeMounts"]} == named


def test_values__hold_no_secret_and_no_tag() -> None:
    assert isinstance(VALUES["githubConfigSecret"], str)
    assert re.fullmatch(r"\S+@sha256:[0-9a-f]{64}", RUNNER["image"])
    assert not re.search(r"gh[pousr]_|PRIVATE KEY", str(VALUES))


def test_policy__is_for_these_pods_and_keeps_them_from_the_metadata_service() -> None:
    labels = VALUES["template"]["metadata"]["labels"]
    assert POLICY["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    assert POLICY["spec"]["ingress"] == []
    blocks = [
        to["ipBlock"] for rule in POLICY["spec"]["egress"] for to in rule["to"] if "ipBlock" in to
    ]
    (wide,) = [block for block in blocks if block["cidr"] == "0.0.0.0/0"]
    assert {"169.254.0.0/16", "10.0.0.0/8"} <= set(wide["except"])
