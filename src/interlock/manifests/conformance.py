"""Whether a value fits a JSON Schema, quickly; why it does not is left to jsonschema.

Nearly every manifest is sound, and for those neither the import of jsonschema (0.1 s) nor its run
is needed. A True here is a True there (a property test holds it); a False here only means: ask.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], bool]

_TYPES: dict[str, Check] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: type(value) is int,
    "number": lambda value: type(value) is int or type(value) is float,
}
_ANNOTATIONS = frozenset(
    {"$schema", "$id", "$defs", "title", "description", "default", "examples", "errorMessage"}
)


def compile_schema(schema: Mapping[str, Any], *, root: Mapping[str, Any]) -> Check:
    """Return a predicate; raises KeyError for a keyword that it does not know."""
    words = [word for word in schema if word not in _ANNOTATIONS]
    flat = dict.fromkeys(_FLAT[word] for word in words if word not in _NESTED)
    nested = dict.fromkeys(_NESTED[word] for word in words if word in _NESTED)
    checks = [make(schema) for make in flat] + [make(schema, root) for make in nested]
    if len(checks) == 1:
        return checks[0]
    return functools.partial(_fits_all, tuple(checks))


# Plain loops: `all` with a generator takes twice as long, and this runs for every value.
def _fits_all(checks: tuple[Check, ...], value: Any) -> bool:
    for check in checks:  # noqa: SIM110 - see above
        if not check(value):
            return False
    return True


def _ref(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Check:
    target = root
    for part in schema["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return compile_schema(target, root=root)


def _type(schema: Mapping[str, Any]) -> Check:
    named = schema["type"]
    if isinstance(named, str):
        return _TYPES[named]
    checks = [_TYPES[each] for each in named]
    return lambda value: any(check(value) for check in checks)


def _enum(schema: Mapping[str, Any]) -> Check:
    # Only words: 1, 1.0 and True are equal here and not in JSON.
    words = frozenset(schema["enum"])
    return lambda value: isinstance(value, str) and value in words


def _const(schema: Mapping[str, Any]) -> Check:
    constant = schema["const"]
    return lambda value: type(value) is type(constant) and value == constant


def _pattern(schema: Mapping[str, Any]) -> Check:
    search = re.compile(schema["pattern"]).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _length(schema: Mapping[str, Any]) -> Check:
    low = schema.get("minLength", 0)
    high = schema.get("maxLength", float("inf"))
    return lambda value: not isinstance(value, str) or low <= len(value) <= high


def _range(schema: Mapping[str, Any]) -> Check:
    infinity = float("inf")
    low, high = schema.get("minimum", -infinity), schema.get("maximum", infinity)
    above = schema.get("exclusiveMinimum", -infinity)
    below = schema.get("exclusiveMaximum", infinity)
    number = _TYPES["number"]
    return lambda value: not number(value) or (low <= value <= high and above < value < below)


def _items(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Check:
    check = compile_schema(schema.get("items", {}), root=root)
    low, high = schema.get("minItems", 0), schema.get("maxItems", float("inf"))
    unique = schema.get("uniqueItems", False)

    def fits(value: Any) -> bool:
        if not isinstance(value, list):
            return True
        if unique and not (
            all(isinstance(i, str) for i in value) and len(set(value)) == len(value)
        ):
            return False
        if not low <= len(value) <= high:
            return False
        for item in value:  # noqa: SIM110 - see _fits_all
            if not check(item):
                return False
        return True

    return fits


def _fields(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Check:
    parts = schema.get("properties", {})
    checks = {name: compile_schema(part, root=root) for name, part in parts.items()}
    more = schema.get("additionalProperties", True)
    other = (lambda _: more) if isinstance(more, bool) else compile_schema(more, root=root)
    required = frozenset(schema.get("required", ()))
    most = schema.get("maxProperties", float("inf"))

    def fits(value: Any) -> bool:
        if not isinstance(value, dict):
            return True
        if not required <= value.keys() or len(value) > most:
            return False
        for name, part in value.items():  # noqa: SIM110 - see _fits_all
            if not checks.get(name, other)(part):
                return False
        return True

    return fits


def _dependent(schema: Mapping[str, Any]) -> Check:
    needs = schema["dependentRequired"]
    return lambda value: (
        not isinstance(value, dict)
        or all(
            all(other in value for other in others)
            for name, others in needs.items()
            if name in value
        )
    )


def _one_of(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Check:
    # Exactly one: a branch that is refused too readily would let the sum be one too readily.
    if any(part.keys() != {"required"} for part in schema["oneOf"]):
        raise KeyError("oneOf")
    checks = [compile_schema(part, root=root) for part in schema["oneOf"]]
    return lambda value: [check(value) for check in checks].count(True) == 1


def _any_of(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Check:
    checks = [compile_schema(part, root=root) for part in schema["anyOf"]]
    return lambda value: any(check(value) for check in checks)


_FLAT: dict[str, Callable[[Mapping[str, Any]], Check]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    **dict.fromkeys(("minLength", "maxLength"), _length),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _range),
    "dependentRequired": _dependent,
}
_NESTED: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Check]] = {
    "$ref": _ref,
    **dict.fromkeys(("items", "minItems", "maxItems", "uniqueItems"), _items),
    **dict.fromkeys(("properties", "required", "additionalProperties", "maxProperties"), _fields),
    "oneOf": _one_of,
    "anyOf": _any_of,
}
