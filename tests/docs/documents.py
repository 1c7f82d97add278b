"""Documents that commands print, held against the schemas that the package carries."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import jsonschema

from tests.docs.pages import ROOT

SCHEMAS = ROOT / "src" / "interlock" / "schemas"


def check(document: Mapping[str, object]) -> None:
    """Raises where a document, or one inside it, does not fit the schema that it names."""
    _validator(str(document["schema"])).validate(document)
    for inner in _inside(document):
        _validator(str(inner["schema"])).validate(inner)


def schema(name: str) -> dict[str, Any]:
    """The schema of `interlock/<kind>/v<major>`."""
    parts = re.fullmatch(r"interlock/([a-z-]+)/(v\d+)(\.\d+)?", name)
    assert parts, f"{name!r} names no document"
    loaded: dict[str, Any] = json.loads((SCHEMAS / f"{parts[1]}.{parts[2]}.json").read_text())
    return loaded


def _validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema(name))


def _inside(value: object) -> list[Mapping[str, object]]:
    children: list[object] = []
    if isinstance(value, Mapping):
        children = list(value.values())
    elif isinstance(value, list):
        children = value
    documents = [c for c in children if isinstance(c, Mapping) and "schema" in c]
    return documents + [inner for child in children for inner in _inside(child)]
