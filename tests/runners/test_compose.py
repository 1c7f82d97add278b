"""The shared MLflow's compose file: its form, its order, its secrets. No container is started."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest
import yaml

from tests.runners import places

FOLDER = places.RUNNERS / "mlflow"
TEXT = (FOLDER / "compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
VARIABLES = dict(re.findall(r"\$\{(\w+)(:[?-])", TEXT))


def test_compose__is_of_the_specifications_form() -> None:
    command = ["check-jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(
        [*command, str(FOLDER / "compose.yml")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_compose__has_no_default_that_is_a_secret() -> None:
    optional = {name for name, kind in VARIABLES.items() if kind == ":-"}
    assert optional == {"BIND", "ALLOWED_HOSTS"}
    assert "${BIND:-127.0.0.1}" in TEXT
    assert not re.search(r"\$\{\w+\}", TEXT), "a variable that is not set must end it"
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|PGPASS", variable):
                assert re.fullmatch(r"\$\{\w+:\?.+\}", value), (name, variable)


def test_compose__asks_for_every_variable_in_its_example() -> None:
    lines = (FOLDER / "server.env").read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    assert set(values) == set(VARIABLES)
    assert {name for name, value in values.items() if value} == {"BIND", "ALLOWED_HOSTS"}


@pytest.mark.parametrize("name", SERVICES)
def test_image__is_named_by_digest(name: str) -> None:
    """NAME@${DIGEST:?…}: a tag in the variable's place is no image name, and compose ends."""
    service = SERVICES[name]
    if "build" in service:
        assert re.findall(r"^FROM (\S+)", (FOLDER / "Containerfile").read_text(), re.MULTILINE) == [
            "${UV_IMAGE}@${UV_DIGEST}",
            "${PYTHON_IMAGE}@${PYTHON_DIGEST}",
        ]
    else:
        assert re.fullmatch(r"[\w./-]+@\$\{\w+_DIGEST:\?.+\}", service["image"])


def test_compose__migrates_once_before_it_serves() -> None:
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert SERVICES["migrate"]["restart"] == "no"
    assert "mlflow db upgrade" in " ".join(SERVICES["migrate"]["command"])
    assert SERVICES["mlflow"]["depends_on"] == {
        "migrate": {"condition": "service_completed_successfully"},
        "store": {"condition": "service_healthy"},
    }
    assert all("healthcheck" in SERVICES[name] for name in ("postgres", "store", "mlflow"))


def test_compose__publishes_services_with_a_login_and_mlflow_at_its_address() -> None:
    published = {name: each["ports"] for name, each in SERVICES.items() if "ports" in each}
    assert published == {
        "store": ["${BIND:-127.0.0.1}:8333:8333"],
        "mlflow": ["${BIND:-127.0.0.1}:5000:5000"],
    }
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == SERVICES["migrate"]["networks"] == ["inside"]


def test_store__gives_each_key_one_bucket() -> None:
    text = re.sub(r"\$\{\w+:\?[^}]*\}", "word", COMPOSE["configs"]["s3"]["content"])
    for identity in json.loads(text)["identities"]:
        buckets = {action.partition(":")[2] for action in identity["actions"]}
        assert buckets == {identity["name"]}
    assert "-s3.autoCreateBucket=false" in SERVICES["store"]["command"]


def test_requirements__are_pinned_by_hash() -> None:
    text = (FOLDER / "requirements.txt").read_text(encoding="utf-8")
    pin = r"^([\w.-]+)==\S+.*((?:\n    --hash=sha256:[0-9a-f]{64}.*)+)"
    pinned = re.findall(pin, text, re.MULTILINE)
    names = re.findall(r"^([\w.-]+)", text, re.MULTILINE)
    assert [name for name, _ in pinned] == names
    assert {"mlflow", "psycopg", "psycopg-binary", "boto3"} <= set(names)
