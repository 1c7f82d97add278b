"""The reference pages say what the schemas and the program do, and their examples work."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from interlock import cli, manifests
from interlock.domain.model import metrics
from interlock.domain.model.manifest import Task
from interlock.domain.model.policy import Policy
from interlock.manifests import schema
from tests.unit.commands.test_validate import DIGITS, DVC_YAML, Place

DOCS = Path(__file__).parents[3] / "docs" / "reference"
MANIFEST = (DOCS / "manifest.md").read_text(encoding="utf-8")
VALIDATE = (DOCS / "validate.md").read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return [text for name, text in fences if name == language]


def rows(page: str, title: str) -> list[list[str]]:
    """The cells of the first table after a title."""
    table = re.search(r"^\|.*?(?=^$)", page[page.index(title) :], re.DOTALL | re.MULTILINE)
    assert table
    lines = table[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_manifest_page__example_is_sound() -> None:
    manifest, diagnostics = manifests.read(
        blocks(MANIFEST, "yaml")[0].encode(), path="m/d/model.yaml"
    )
    assert diagnostics == ()
    assert manifest is not None


def test_manifest_page__policy_is_sound() -> None:
    policy, diagnostics = manifests.read_policy(blocks(MANIFEST, "yaml")[-1].encode())
    assert diagnostics == ()
    assert isinstance(policy, Policy)


def test_manifest_page__names_every_field() -> None:
    fields: dict[str, bool] = {}
    document = schema.load("manifest.v1.json").document
    for name, part in document["properties"].items():
        needed = name in document["required"]
        inner = part.get("properties", {})
        for field in inner:
            fields[f"{name}.{field}"] = needed and field in part["required"]
        if not inner:
            fields[name] = needed
    listed = {row[0].strip("`"): row[1] == "yes" for row in rows(MANIFEST, "## Fields")}
    assert listed == fields


def _leaves(part: dict[str, Any], name: str) -> dict[str, Any]:
    """Dotted name to default, of every field that has no fields of its own."""
    if "properties" not in part:
        return {name: part.get("default")}
    inner = [_leaves(each, f"{name}.{key}") for key, each in part["properties"].items()]
    return {key: default for fields in inner for key, default in fields.items()}


def test_manifest_page__names_every_field_of_monitor_and_its_default() -> None:
    root = schema.load("manifest.v1.json").document
    values = {row[0].strip("`"): row[2].strip("`") for row in rows(MANIFEST, "## Monitor")}
    read = {
        name: manifests.read_yaml(text.encode(), path="default")[0] for name, text in values.items()
    }
    assert read == _leaves(root["$defs"]["monitor"], "monitor")


def test_manifest_page__monitor_is_sound() -> None:
    whole, *_, monitor, _, _ = blocks(MANIFEST, "yaml")
    text = whole + monitor
    manifest, diagnostics = manifests.read(text.encode(), path="m/d/model.yaml")
    assert diagnostics == ()
    assert manifest is not None
    assert manifest.monitor is not None


@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_manifest_page__parts_are_sound(place: int) -> None:
    """Each replaces fields: column names, several labels, own metrics, no predictions."""
    whole, part = (blocks(MANIFEST, "yaml")[index] for index in (0, place))
    value: dict[str, Any] = yaml.safe_load(whole) | yaml.safe_load(part)
    manifest, diagnostics = manifests.read(yaml.safe_dump(value).encode(), path="m/d/model.yaml")
    assert diagnostics == ()
    assert manifest is not None
    predictions = manifest.outputs.predictions
    assert (predictions is None) == (place == 4)


def test_manifest_page__names_every_column_and_its_default() -> None:
    part = schema.load("manifest.v1.json").document["$defs"]["predictions"]["properties"]
    listed = {row[0].strip("`"): row[1].strip("`") for row in rows(MANIFEST, "### Other column")}
    assert listed == {name: each.get("default", "") for name, each in part.items()}


def test_manifest_page__names_every_policy_field_and_default() -> None:
    document = schema.load("policy.v1.json").document
    values = {row[0].strip("`"): row[1].strip("`") for row in rows(MANIFEST, "## The policy")}
    assert values.keys() == document["properties"].keys()
    for name, default in values.items():
        value, _, _ = manifests.read_yaml(default.encode(), path="default")
        assert value == document["properties"][name].get("default"), name


def test_manifest_page__names_every_metric() -> None:
    expected = [
        [
            f"`{metric.name}`",
            ", ".join(task for task in Task if task in metric.tasks),
            "greater" if metric.greater_is_better else "smaller",
            metric.needs.value,
        ]
        for metric in metrics.METRICS.values()
    ]
    assert rows(MANIFEST, "### Metrics") == expected


def test_validate_page__example_says_what_it_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    place = Place(tmp_path, capsys)
    place.write(f"{DIGITS}/model.yaml", blocks(VALIDATE, "yaml")[0])
    place.write(f"{DIGITS}/dvc.yaml", DVC_YAML)
    _, out, text = place.validate("--json")
    assert text == blocks(VALIDATE, "")[1]
    (shown,) = map(json.loads, blocks(VALIDATE, "json"))
    document = json.loads(out)
    assert shown == {**document, "diagnostics": document["diagnostics"][:1]}


def test_validate_page__usage_is_that_of_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["validate", "--help"])
    text = capsys.readouterr().out
    usage = blocks(VALIDATE, "")[0]
    assert set(re.findall(r"--\w+", usage)) == set(re.findall(r"--\w+", text)) - {"--help"}
