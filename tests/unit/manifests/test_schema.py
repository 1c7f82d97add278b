"""The schema errors agree with another validator, and the schemas with the code that uses them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.domain.model import metrics
from interlock.manifests import schema, schema_errors
from interlock.yaml_reader.positions import LineMap
from tests.unit.manifests.examples import SOUND
from tests.unit.manifests.test_monitor_section import FULL

FILES = ("manifest.v1.json", "policy.v1.json", "validation.v1.json")
SCHEMAS = Path(schema.__file__).parent.parent / "schemas"
POLICY: dict[str, Any] = {
    "version": 1,
    "manifests": "**/model.yaml",
    "environments": ["staging"],
    "inconclusive": "fail",
    "accept": {"self": True, "users": ["mona"]},
    "dvc_lock": "leave",
    "runner_labels": ["gpu"],
    "retrain": {"max_open_total": 3, "per_hour": 2, "auto_merge": True},
    "cost_per_hour": {"gpu": {"amount": 2.5, "currency": "EUR"}},
    "mlflow": "https://mlflow.acme.example",
    "prepare": "uv sync --frozen",
    "provenance": "required",
    "provenance_since": "f" * 40,
    "issuer": "https://token.acme.example",
    "interlock": {"repository": "acme/interlock", "refs": ["refs/tags/v1"]},
    "evaluate_on": ["evaluation"],
}
_words = st.sampled_from(
    ["", "digits", "f1_macro", "champion", "train", "a/b", "@acme/x", "x\n", "v1", "binary", "ask"]
)
# A number that is not finite is an error of the YAML reader.
_finite = st.floats(allow_nan=False, allow_infinity=False)
_leaves = st.one_of(st.none(), st.booleans(), st.integers(-2, 70000), _finite, st.just(1.0), _words)
_junk = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=3),
    max_leaves=5,
)


@st.composite
def documents(draw: st.DrawFn, sound: dict[str, Any]) -> Any:
    """A sound document with values replaced, fields dropped, added or doubled, anywhere."""
    document = json.loads(json.dumps(sound))
    for _ in range(draw(st.integers(0, 3))):
        place: Any = document
        while isinstance(place, dict | list) and place:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = draw(st.sampled_from(keys))
            if not isinstance(place[key], dict | list) or draw(st.booleans()):
                _mutate(draw, place, key)
                break
            place = place[key]
    return document


def _mutate(draw: st.DrawFn, place: Any, key: Any) -> None:
    action = draw(st.sampled_from(["replace", "drop", "add", "double"]))
    if action == "replace":
        place[key] = draw(_junk)
    elif action == "drop":
        del place[key]
    elif isinstance(place, list):
        place.append(place[key] if action == "double" else draw(_junk))
    else:
        place[draw(_words)] = draw(_junk)


def problems(file: str, document: Any) -> list[schema_errors.SchemaProblem]:
    loaded = schema.load(file)
    return list(schema_errors.explain(document, schema=loaded, positions=LineMap()))


def agree(file: str, document: Any) -> None:
    other = jsonschema.Draft202012Validator(schema.load(file).document)
    assert (not problems(file, document)) == other.is_valid(document)


MONITORED = yaml.safe_load(SOUND) | yaml.safe_load(FULL)


@given(documents(MONITORED))
@settings(max_examples=300, deadline=None)
def test_explain__agrees_on_manifests(document: Any) -> None:
    agree("manifest.v1.json", document)


@given(documents(POLICY))
@settings(deadline=None)
def test_explain__agrees_on_policies(document: Any) -> None:
    agree("policy.v1.json", document)


def test_explain__valid_documents() -> None:
    assert not problems("manifest.v1.json", yaml.safe_load(SOUND))
    assert not problems("manifest.v1.json", MONITORED)
    assert not problems("policy.v1.json", POLICY)


@pytest.mark.parametrize("file", FILES)
def test_schema__is_valid(file: str) -> None:
    document = json.loads((SCHEMAS / file).read_bytes())
    jsonschema.Draft202012Validator.check_schema(document)
    assert document["$id"].endswith(f"/{file}")


def _fields(document: Any, path: str = "") -> list[tuple[str, Any]]:
    fields: list[tuple[str, Any]] = []
    if isinstance(document, dict):
        for name, part in document.get("properties", {}).items():
            fields += [(f"{path}.{name}", part)]
        for name, part in document.items():
            if name not in ("examples", "default", "enum"):
                fields += _fields(part, f"{path}.{name}")
    return fields


@pytest.mark.parametrize("file", FILES[:2])
def test_schema__describes_every_field(file: str) -> None:
    document = json.loads((SCHEMAS / file).read_bytes())
    fields = _fields(document)
    assert len(fields) >= 9
    bare = [path for path, part in fields if not {"description", "$ref"} & part.keys()]
    assert bare == []


@pytest.mark.parametrize("file", FILES[:2])
def test_schema__examples_and_defaults_fit(file: str) -> None:
    document = json.loads((SCHEMAS / file).read_bytes())
    for path, part in _fields(document):
        whole = {"$defs": document.get("$defs", {}), **part}
        for example in [*part.get("examples", ()), *[part[k] for k in ("default",) if k in part]]:
            assert jsonschema.Draft202012Validator(whole).is_valid(example), path


def test_schema__names_every_metric() -> None:
    document = json.loads((SCHEMAS / "manifest.v1.json").read_bytes())
    assert document["$defs"]["metric"]["anyOf"][0]["enum"] == list(metrics.METRICS)


@pytest.mark.parametrize("file", FILES[:2])
def test_explain__knows_every_keyword(file: str) -> None:
    document = json.loads((SCHEMAS / file).read_bytes())
    annotations = {"title", "description", "default", "examples", "errorMessage", "$ref"}
    keywords = {word for _, part in _fields(document) for word in part}
    assert keywords - annotations - {"properties", "items"} <= schema_errors.EXPLANATIONS.keys()
