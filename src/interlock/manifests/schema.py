"""A value against one of the package's JSON Schemas; every way in which it does not fit."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any

from interlock.manifests import conformance
from interlock.manifests.positions import Path

_FOLDER = pathlib.Path(__file__).parent.parent / "schemas"


class Schema:
    """One schema, or the part of it under `$defs` that `part` names; compiled once."""

    def __init__(self, file: str, part: str = "") -> None:
        self.root: dict[str, Any] = json.loads((_FOLDER / file).read_bytes())
        self.document = self.root
        if part:
            self.document = {**self.root["$defs"][part], "$defs": self.root["$defs"]}
        self.accepts = conformance.compile_schema(self.document, root=self.root)

    def errors(self, value: object) -> Iterator[Any]:
        """jsonschema's own errors, in no order; none when the value fits."""
        return iter(()) if self.accepts(value) else self._validator.iter_errors(value)

    @cached_property
    def _validator(self) -> Any:
        import jsonschema  # noqa: PLC0415 - 0.1 s that only a faulty file has to pay

        kind = jsonschema.Draft202012Validator
        extended = jsonschema.validators.extend(kind, {"uniqueItems": _unique_items})  # type: ignore[no-untyped-call]
        return extended(self.document)

    def describe(self, path: Path) -> dict[str, Any]:
        """The schema of the field at a path, its reference followed; {} when there is none."""
        found = self._follow(self.document)
        for part in path:
            inner = found.get("items", {}) if isinstance(part, int) else _field(found, part)
            found = self._follow(inner)
        return found

    def _follow(self, schema: dict[str, Any]) -> dict[str, Any]:
        reference = schema.get("$ref", "")
        if not reference:
            return schema
        return {**self.root["$defs"][reference.rpartition("/")[2]], **schema}


@lru_cache
def load(file: str, part: str = "") -> Schema:
    return Schema(file, part)


def _field(schema: dict[str, Any], name: str) -> dict[str, Any]:
    more = schema.get("additionalProperties")
    found: dict[str, Any] = schema.get("properties", {}).get(
        name, more if isinstance(more, dict) else {}
    )
    return found


def _unique_items(validator: Any, unique: bool, value: Any, _: object) -> Iterator[Any]:
    """As jsonschema's, but in linear time on a list of anything, and it says which is double."""
    import jsonschema  # noqa: PLC0415 - only reached from jsonschema itself

    if not unique or not validator.is_type(value, "array"):
        return
    seen: set[str] = set()
    for index, item in enumerate(value):
        text = json.dumps(item, sort_keys=True)
        if text in seen:
            yield jsonschema.ValidationError("given twice", path=[index], instance=item)
        seen.add(text)
