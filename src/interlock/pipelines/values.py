"""Values as content: one canonical text for what DVC calls equal; no file is read here."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from interlock.pipelines import yaml12

_MAX_TEXT = 80
# Python refuses to write whole numbers of more than 4,300 digits in decimal.
_LONG = 10_000
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def canonical(value: Any) -> str:
    """Return canonical JSON; two values have one text exactly when Python's `==` holds of them.

    DVC compares parameters so: 1, 1.0 and true are equal, and neither is "1". A NaN, which equals
    nothing, gets a text of its own.
    """
    kind = type(value)
    if (kind is int and value.bit_length() < _LONG) or kind is bool:
        return str(int(value))
    return _encode(value if kind is str or value is None else _plain(value))


def digest(value: Any) -> str:
    return "value:" + canonical(value)


def digest_of_texts(value: Mapping[str, Any]) -> str:
    """`digest` of what holds nothing but strings, lists and mappings of them; no key begins
    with "$"."""
    return "value:" + _encode(value)


def render(value: Any) -> str:
    """Return what a person reads: YAML's own spelling of scalars, shortened when it is long."""
    if isinstance(value, int) and value.bit_length() >= _LONG:
        return hex(value)[:_MAX_TEXT] + "…"
    if type(value) is int or type(value) is float:
        return str(value)
    if isinstance(value, str):
        text = value if value.isprintable() and value.strip() == value and value else repr(value)
    elif isinstance(value, list | dict | bool) or value is None:
        text = json.dumps(_shown(value), ensure_ascii=False)
    else:
        text = str(value)
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"


def leaves(value: Any, *, name: str) -> Iterator[tuple[str, Any]]:
    """Yield (dotted name, value) of everything below a mapping that is no mapping itself.

    Lists are values. A key that holds a dot is quoted, so that no two leaves share a name.
    """
    if not isinstance(value, Mapping) or not value:
        yield name, value
        return
    for key, item in value.items():
        part = key if isinstance(key, str) and key and "." not in key else json.dumps(_plain(key))
        yield from leaves(item, name=f"{name}.{part}" if name else part)


def _plain(value: Any) -> Any:
    if value is None or type(value) is str:
        return value
    found = next((make for kind, make in _PLAIN if isinstance(value, kind)), None)
    return {"$other": repr(value)} if found is None else found(value)


def _number(value: float) -> Any:
    if math.isfinite(value):
        return int(value) if value.is_integer() else value
    return {"$number": str(value)}


def _mapping(value: Mapping[Any, Any]) -> Any:
    if all(isinstance(key, str) and not isinstance(key, yaml12.Date) for key in value):
        return {"$" + k if k.startswith("$") else k: _plain(item) for k, item in value.items()}
    return {"$pairs": sorted([canonical(key), canonical(item)] for key, item in value.items())}


_PLAIN: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (yaml12.Date, lambda value: {"$date": str(value)}),
    (str, str),
    (int, lambda value: int(value) if value.bit_length() < _LONG else {"$int": hex(value)}),
    (float, _number),
    (Mapping, _mapping),
    ((list, tuple), lambda value: [_plain(item) for item in value]),
    ((set, frozenset), lambda value: {"$set": sorted(map(canonical, value))}),
)


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _shown(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(item) for item in value]
    return value if isinstance(value, str | int | float | None) else str(value)
