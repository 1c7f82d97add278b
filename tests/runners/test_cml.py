"""The workflow that starts a machine by CML: read by GitHub's schema, actionlint and zizmor."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.runners import places

FILE = places.RUNNERS / "cml" / "gpu-machine.yml"
# Everything by full SHA but Interlock itself, whose tag stands for a version that adopters choose.
ZIZMOR = """\
rules:
  unpinned-uses:
    config:
      policies:
        acme/interlock/*: ref-pin
        "*": hash-pin
"""
# As `cml runner launch` lists them: bin/cml/runner/launch.js of iterative/cml 0.20.6.
FLAGS = {
    *("labels", "idle-timeout", "name", "no-retry", "single", "reuse", "reuse-idle", "cloud"),
    *("cloud-region", "cloud-type", "cloud-permission-set", "cloud-metadata", "cloud-gpu"),
    *("cloud-hdd-size", "cloud-ssh-private", "cloud-spot", "cloud-spot-price"),
    *("cloud-startup-script", "cloud-aws-security-group", "cloud-aws-subnet"),
}


@pytest.mark.parametrize(
    "command",
    [
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"],
        ["actionlint"],
        ["zizmor", "--offline", "--no-progress", "--quiet", "--config", "zizmor.yml"],
    ],
    ids=lambda command: command[0],
)
def test_workflow__is_sound(command: list[str], tmp_path: Path) -> None:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / FILE.name).write_text(FILE.read_text())
    (tmp_path / "zizmor.yml").write_text(ZIZMOR)
    done = subprocess.run(
        [*command, str(folder / FILE.name)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_workflow__gives_cml_flags_that_it_has() -> None:
    items = set(re.findall(r"--([a-z-]+)", FILE.read_text().partition("cml runner launch")[2]))
    assert items <= FLAGS
    assert {"single", "idle-timeout"} <= items
    assert not {"reuse", "reuse-idle"} & items, "they exclude --single"


def test_workflow__is_for_nobody_from_outside() -> None:
    (job,) = yaml.safe_load(FILE.read_text())["jobs"].values()
    assert "head.repo.full_name == github.repository" in job["if"]
    assert job["environment"]
