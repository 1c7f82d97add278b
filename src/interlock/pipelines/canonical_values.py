"""Values as content: one canonical text for what DVC calls equal; no file is read here."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from interlock.yaml_reader import dvc

_MAX_TEXT = 80
_LEAVES = frozenset({str, int, float, bool, dvc.Plain, dvc.Date, type(None), list})
_WORD = re.compile(r"[^\W\d][\w-]*")
# Python refuses to write whole numbers of more than 4,300 digits in decimal.
_LONG = 10_000
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def canonical(value: Any) -> str:
    """Return canonical JSON; two values have one text exactly when a program cannot tell them
    apart: 1, 1.0, true and "1" are four values; the order of a mapping's keys does not count.

    For DVC the first three are equal; for a program that reads them they are not.
    """
    kind = type(value)
    if kind is dvc.Plain:
        return str(value)
    if (kind is int and value.bit_length() < _LONG) or (kind is float and math.isfinite(value)):
        return repr(value)  # as JSON writes it, without its encoder
    return _encode(value if type(value) is str or value is None else _plain(value))


def digest(value: Any) -> str:
    return "value:" + canonical(value)


def digest_of_texts(value: Mapping[str, Any]) -> str:
    """Return `digest` for strings, lists and mappings of them only; no key begins
    with "$"."""
    return "value:" + _encode(value)


def digest_of_list(texts: Iterable[str]) -> str:
    """Return `digest` for a list of strings."""
    return f"value:[{','.join(map(_encode, texts))}]"


def render(value: Any) -> str:
    """Return the text for the report: a scalar as YAML spells it, shortened if long."""
    if isinstance(value, int) and value.bit_length() >= _LONG:
        return hex(value)[:_MAX_TEXT] + "…"
    if type(value) is int or type(value) is float:
        return str(value)
    if isinstance(value, str):
        text = value if value.isprintable() and value.strip() == value and value else repr(value)
    elif isinstance(value, list | dict | bool) or value is None:
        text = _shown(value)
    else:
        text = str(value)
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"


def leaves(value: Any, *, name: str) -> Iterator[tuple[str, Any]]:
    """Yield (dotted name, value) of every leaf below a mapping.

    Lists are values. Keys that are not plain words are quoted, so that no two leaves share a name.
    """
    if not isinstance(value, Mapping) or not value:
        yield name, value
        return
    for key, item in value.items():
        part = key if _is_word(key) else canonical(key)
        below = f"{name}.{part}" if name else part
        if type(item) in _LEAVES:
            yield below, item
        else:
            yield from leaves(item, name=below)


def _is_word(key: Any) -> bool:
    return isinstance(key, str) and _WORD.fullmatch(key) is not None


def _plain(value: Any) -> Any:
    if value is None or type(value) is str:
        return value
    make_plain = next((make for kind, make in _PLAIN if isinstance(value, kind)), None)
    return {"$other": repr(value)} if make_plain is None else make_plain(value)


def _number(value: float) -> Any:
    return value if math.isfinite(value) else {"$number": str(value)}


def _mapping(value: Mapping[Any, Any]) -> Any:
    if all(type(key) is str for key in value):
        return {"$" + k if k.startswith("$") else k: _plain(item) for k, item in value.items()}
    return {"$pairs": sorted([canonical(key), canonical(item)] for key, item in value.items())}


_PLAIN: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (dvc.Date, lambda value: {"$date": str(value)}),
    (dvc.Plain, lambda value: {"$plain": str(value)}),
    (str, str),
    (bool, bool),
    (int, lambda value: int(value) if value.bit_length() < _LONG else {"$int": hex(value)}),
    (float, _number),
    (Mapping, _mapping),
    ((list, tuple), lambda value: [_plain(item) for item in value]),
    ((set, frozenset), lambda value: {"$set": sorted(map(canonical, value))}),
)


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_shown(k)}: {_shown(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_shown, value)) + "]"
    if isinstance(value, dvc.Plain):
        return str(value)
    known = isinstance(value, str | int | float | None)
    return json.dumps(value if known else str(value), ensure_ascii=False)
