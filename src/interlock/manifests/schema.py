"""Validates a value against one of the package's JSON Schemas and lists every error."""

from __future__ import annotations

import functools
import json
import operator
import pathlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import jsonschema_rs

from interlock.yaml_reader.positions import Path

_FOLDER = pathlib.Path(__file__).parent.parent / "schemas"


class SchemaError(NamedTuple):
    """A `keyword` of a schema that the value at `path` breaks; `schema` is the part with the
    keyword, `detail` the missing or unknown fields."""

    keyword: str
    path: Path
    schema: dict[str, Any]
    detail: Any


class Schema:
    """One schema, or the part of it under `$defs` that `part` names; compiled once."""

    def __init__(self, file: str, part: str = "") -> None:
        self.root: dict[str, Any] = json.loads((_FOLDER / file).read_bytes())
        self.document = self.root
        if part:
            self.document = {**self.root["$defs"][part], "$defs": self.root["$defs"]}
        self._validator = jsonschema_rs.Draft202012Validator(self.document)

    def errors(self, value: Any) -> Iterator[SchemaError]:
        """Yield every keyword that a value breaks, in no order; nothing if the value fits."""
        for error in self._validator.iter_errors(value):
            *place, keyword = error.schema_path
            schema = functools.reduce(operator.getitem, place, self.document)
            yield SchemaError(str(keyword), tuple(error.instance_path), schema, error.kind.value)

    def describe(self, path: Path) -> dict[str, Any]:
        """Return the schema of the field at a path, with its reference resolved; {} without one."""
        schema = self._follow(self.document)
        for part in path:
            inner = schema.get("items", {}) if isinstance(part, int) else _field(schema, part)
            schema = self._follow(inner)
        return schema

    def _follow(self, schema: dict[str, Any]) -> dict[str, Any]:
        reference = schema.get("$ref", "")
        if not reference:
            return schema
        return {**self.root["$defs"][reference.rpartition("/")[2]], **schema}


@functools.lru_cache
def load(file: str, part: str = "") -> Schema:
    return Schema(file, part)


def _field(schema: dict[str, Any], name: str) -> dict[str, Any]:
    more = schema.get("additionalProperties")
    field: dict[str, Any] = schema.get("properties", {}).get(
        name, more if isinstance(more, dict) else {}
    )
    return field
