"""Fields of a request's body that GitHub's description does not know: it ignores them, or refuses
them tomorrow; JSON Schema lets them pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_ALTERNATIVES = ("oneOf", "anyOf", "allOf")
_Schema = Mapping[str, Any]


def unknown(
    body: Any, schema: _Schema, *, components: Mapping[str, Any], place: str = ""
) -> Iterator[str]:
    """Name each such field, as output/annotations/3/colour.

    Of alternatives any may know it. A schema that names no field, or says that more may be there
    (`additionalProperties`), takes all of them; an alternative says so for itself alone, beside
    fields that the whole names.
    """
    yield from _of(body, (schema,), components, place)


def _of(
    body: Any, schemas: Sequence[_Schema], components: Mapping[str, Any], place: str
) -> Iterator[str]:
    parts = [part for schema in schemas for part in _parts(schema, components)]
    if isinstance(body, list):
        inside = [part["items"] for part in parts if "items" in part]
        for number, item in enumerate(body):
            yield from _of(item, inside, components, f"{place}{number}/")
    if not isinstance(body, dict) or any(_takes_all(s, components) for s in schemas):
        return
    for name, value in body.items():
        known = [part["properties"][name] for part in parts if name in part.get("properties", {})]
        if not known:
            yield f"{place}{name}"
        else:
            yield from _of(value, known, components, f"{place}{name}/")


def _parts(schema: _Schema, components: Mapping[str, Any]) -> Iterator[_Schema]:
    """A schema and all that it is made of."""
    document = _resolved(schema, components)
    yield document
    for each in _alternatives(document):
        yield from _parts(each, components)


def _takes_all(schema: _Schema, components: Mapping[str, Any]) -> bool:
    document = _resolved(schema, components)
    if document.get("type", "object") != "object":
        return False
    if document.get("properties"):
        return bool(document.get("additionalProperties"))
    inside = list(_alternatives(document))
    return not inside or any(_takes_all(each, components) for each in inside)


def _alternatives(schema: _Schema) -> Iterator[_Schema]:
    for name in _ALTERNATIVES:
        yield from schema.get(name, ())


def _resolved(schema: _Schema, components: Mapping[str, Any]) -> _Schema:
    while "$ref" in schema:
        schema = components["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return schema
