"""Writes the errors of a schema as messages with a place and a hint, as a compiler does."""

from __future__ import annotations

import functools
import itertools
import json
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from interlock.manifests import field_text
from interlock.manifests.schema import Schema, SchemaError
from interlock.yaml_reader.positions import LineMap, Path, Position
from interlock.yaml_reader.suggestions import quote, suggest

_MOST_TYPOS = 20


class SchemaProblem(NamedTuple):
    """`path` is that of the value that is wrong, or of the field that is missing or unknown."""

    path: Path
    position: Position
    message: str
    hint: str


class _Case(NamedTuple):
    """A schema error with the value that breaks the schema, and where the value is."""

    error: SchemaError
    value: Any
    positions: LineMap
    whole: Schema

    @property
    def path(self) -> Path:
        return self.error.path

    @property
    def limit(self) -> Any:
        return self.error.schema[self.error.keyword]

    @property
    def described(self) -> dict[str, Any]:
        return self.whole.describe(self.path)

    def say(self, message: str, hint: str = "") -> SchemaProblem:
        place = self.positions.value(self.path)
        return SchemaProblem(
            self.path, place, f"{field_text.name(self.path)} {message}", hint or self.example()
        )

    def example(self) -> str:
        described = self.described
        if not self.path and "properties" in described:
            return f"its fields are {', '.join(described['properties'])}"
        return field_text.example(self.path, described) or str(described.get("description", ""))


def explain(value: Any, *, schema: Schema, positions: LineMap) -> Iterator[SchemaProblem]:
    """Yield a problem for every error of `value`."""
    for error in schema.errors(value):
        part = functools.reduce(operator.getitem, error.path, value)
        yield from EXPLANATIONS[error.keyword](_Case(error, part, positions, schema))


_WANTED = {
    "object": "a mapping of fields",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


def _type(case: _Case) -> Iterator[SchemaProblem]:
    if case.value is None:
        hint = "write its value, or remove the line" if case.path else ""
        yield case.say("is empty", hint)
        return
    hint = ""
    if case.limit == "string" and not isinstance(case.value, dict | list):
        quoted = field_text.kind(case.value).partition("(")[2].rstrip(")")
        fits = re.search(case.described.get("pattern", ""), quoted)
        hint = f'write "{quoted}"' if fits else ""
    if case.limit == "array" and isinstance(case.value, str):
        hint = f"write [{case.value}]" if len(case.value) < 60 and "@" not in case.value else ""
    wanted = [case.limit] if isinstance(case.limit, str) else case.limit
    words = ", or ".join(_WANTED[each] for each in wanted)
    yield case.say(f"is {field_text.kind(case.value)}, and must be {words}", hint)


def _choose(case: _Case) -> Iterator[SchemaProblem]:
    if case.value is None:
        yield from _type(case)
        return
    choices = [str(choice) for choice in case.limit]
    listed = " or ".join([", ".join(choices[:-1]), *choices[-1:]]) if choices[1:] else choices[0]
    hint = suggest(str(case.value), choices)
    yield case.say(f"is {quote(case.value)}, and must be {listed}", hint)


def _const(case: _Case) -> Iterator[SchemaProblem]:
    hint = f"write {case.path[-1]}: {case.limit}, or use a version of Interlock that reads it"
    yield case.say(
        f"is {quote(case.value)}, and this version of Interlock reads {case.limit}", hint
    )


def _pattern(case: _Case) -> Iterator[SchemaProblem]:
    if case.value == "":
        yield case.say("is empty")
        return
    why = case.described.get("errorMessage", "does not have the required form")
    yield case.say(f"is {quote(case.value)}, which {why}")


def _any_of(case: _Case) -> Iterator[SchemaProblem]:
    if not isinstance(case.value, str):
        return  # the type has an error already
    choices = [choice for part in case.limit for choice in part.get("enum", ())]
    why = case.described.get("errorMessage", "is unknown")
    hint = suggest(case.value, choices, otherwise=f"one of {', '.join(choices)}")
    yield case.say(f"is {quote(case.value)}, which {why}", hint)


def _required(case: _Case) -> Iterator[SchemaProblem]:
    missing = case.error.detail
    if _has_typo(case, [missing]):
        return
    path = (*case.path, missing)
    place = case.positions.value(case.path)
    described = case.whole.describe(path)
    hint = field_text.example(path, described) or str(described.get("description", ""))
    yield SchemaProblem(path, place, f"{field_text.name(path)} is missing", hint)


def _has_typo(case: _Case, names: list[str]) -> bool:
    """True if an unknown field is a misspelling of one of these: that error is enough."""
    known = case.error.schema.get("properties", {})
    unknown = itertools.islice((f for f in case.value if f not in known), _MOST_TYPOS)
    return any(suggest(field, names) for field in unknown)


def _unknown(case: _Case) -> Iterator[SchemaProblem]:
    known = case.error.schema.get("properties", {})
    where = f" in {field_text.name(case.path)}" if case.path else ""
    missing = [name for name in known if name not in case.value]
    for field in case.error.detail:
        path = (*case.path, field)
        hint = suggest(field, missing, otherwise=f"fields here are {', '.join(known)}")
        message = f"unknown field {quote(field)}{where}"
        yield SchemaProblem(path, case.positions.key(path), message, hint)


def _one_of(case: _Case) -> Iterator[SchemaProblem]:
    """Explain branches that each require one field."""
    if not isinstance(case.value, dict):
        return
    names = [branch["required"][0] for branch in case.limit]
    present = [field for field in names if field in case.value]
    if present:
        yield case.say(f"has {' and '.join(present)}, and may have only one", "make it two entries")
    elif not _has_typo(case, names):
        yield case.say(f"has none of {', '.join(names)}", "give exactly one of them")


def _dependent(case: _Case) -> Iterator[SchemaProblem]:
    missing = case.error.detail
    choice = (case.whole.describe((*case.path, missing)).get("enum") or ["…"])[0]
    for field, others in case.limit.items():
        if field in case.value and missing in others:
            yield case.say(f"has {field} without {missing}", f"add {missing}: {choice}")


def _bound(words: str) -> Callable[[_Case], Iterator[SchemaProblem]]:
    def explain_bound(case: _Case) -> Iterator[SchemaProblem]:
        hint = str(case.described.get("description", ""))
        if 0.99 < case.limit <= 1 < case.value < 100:
            hint = f"as a share: {case.value / 100:g}"
        yield case.say(f"is {quote(case.value)}, and must be {words} {case.limit}", hint)

    return explain_bound


def _length(case: _Case) -> Iterator[SchemaProblem]:
    if case.error.keyword == "minLength":
        yield case.say("is empty")
    else:
        yield case.say(f"has {len(case.value)} characters, and at most {case.limit} are allowed")


def _count(case: _Case) -> Iterator[SchemaProblem]:
    entries = "1 entry" if len(case.value) == 1 else f"{len(case.value)} entries"
    if not case.value:
        yield case.say("has no entry, and must have at least one")
    elif len(case.value) < case.limit:
        yield case.say(f"has {entries}, and must have at least {case.limit}")
    else:
        yield case.say(f"has {entries}, and at most {case.limit} are allowed")


def _twice(case: _Case) -> Iterator[SchemaProblem]:
    known: set[str] = set()
    for index, item in enumerate(case.value):
        text = json.dumps(item, sort_keys=True)
        if text in known:
            path = (*case.path, index)
            message = f"{field_text.name(case.path)} names {quote(item)} twice"
            yield SchemaProblem(path, case.positions.value(path), message, "remove one of the two")
        known.add(text)


EXPLANATIONS: dict[str, Callable[[_Case], Iterator[SchemaProblem]]] = {
    "type": _type,
    "enum": _choose,
    "const": _const,
    "pattern": _pattern,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "required": _required,
    "additionalProperties": _unknown,
    "dependentRequired": _dependent,
    "minimum": _bound("at least"),
    "maximum": _bound("at most"),
    "exclusiveMinimum": _bound("more than"),
    "exclusiveMaximum": _bound("less than"),
    "minLength": _length,
    "maxLength": _length,
    "minItems": _count,
    "maxItems": _count,
    "minProperties": _count,
    "maxProperties": _count,
    "uniqueItems": _twice,
}
