"""What an unquoted YAML word means, and whether YAML 1.1 and 1.2 agree on it; no file is read.

YAML 1.2 (core schema, https://yaml.org/spec/1.2.2/#103-core-schema) is what DVC reads; 1.1 is what
PyYAML and many editors read. A word that means one thing here and another there is in doubt.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import yaml

Value = str | int | float | bool | None

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_TRUE_1_1 = frozenset({"y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"})
_FALSE_1_1 = frozenset({"n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"})
# By first letter, as PyYAML has them; a word that begins otherwise is text in both versions.
_IMPLICIT: dict[str, list[tuple[str, re.Pattern[str]]]] = yaml.SafeLoader.yaml_implicit_resolvers
# Beyond this a float overflows, and no limit or seed is meant.
_LONGEST_NUMBER = 300


class Scalar(NamedTuple):
    """The value by YAML 1.2. `doubt` and `hint` are empty unless it should be written otherwise."""

    value: Value
    doubt: str = ""
    hint: str = ""


def read(text: str) -> Scalar:
    """Return what an unquoted word means, and what is doubtful about it."""
    if text[:1] not in _IMPLICIT or len(text) > _LONGEST_NUMBER:
        return Scalar(text)
    return _read(text)


@lru_cache(maxsize=4096)
def _read(text: str) -> Scalar:
    value = _core(text)
    if isinstance(value, float) and not math.isfinite(value):
        return Scalar(value, f"{text!r} is not a finite number", "write a number, or leave it out")
    old = _yaml_1_1(text)
    if type(old) is type(value) and old == value:
        return Scalar(value)
    said = f"{text!r} is {_describe(old)} in YAML 1.1 and {_describe(value)} in YAML 1.2"
    return Scalar(value, said, _advise(text, old, value))


def _core(text: str) -> Value:
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    if _FLOAT.fullmatch(text):
        return float(text)
    if _NOT_FINITE.fullmatch(text):
        return float(text.replace(".", ""))
    return text


def _yaml_1_1(text: str) -> object:
    if text in _TRUE_1_1:
        return True
    if text in _FALSE_1_1:
        return False
    tags = (tag for tag, pattern in _IMPLICIT[text[:1]] if pattern.match(text))
    tag = next(tags, "tag:yaml.org,2002:str")
    if tag in _UNREAD:
        return _UNREAD[tag]
    try:
        return yaml.SafeLoader.yaml_constructors[tag](
            yaml.SafeLoader(""), yaml.ScalarNode(tag, text)
        )
    except (ValueError, OverflowError):
        return _UNREAD["tag:yaml.org,2002:timestamp"]


class _Thing(NamedTuple):
    name: str


_UNREAD = {
    "tag:yaml.org,2002:merge": _Thing("a merge key"),
    "tag:yaml.org,2002:value": _Thing("a default key"),
    "tag:yaml.org,2002:timestamp": _Thing("a date"),
    "tag:yaml.org,2002:yaml": _Thing("a sign of YAML's own"),
}


def _describe(value: object) -> str:
    if isinstance(value, _Thing):
        return value.name
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value:.15g}" if isinstance(value, float) else f"the number {value}"
    return "text"


def _advise(text: str, old: object, value: Value) -> str:
    quoted = f'"{text}"'
    if isinstance(old, bool):
        return f"write {quoted} for the word, {str(old).lower()} for the truth value"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"write {_plain(text, value)} for the number, {quoted} for text"
    if isinstance(old, int | float):
        return f"write {quoted} for text, {old} for the number"
    return f"write {quoted}"


def _plain(text: str, value: int | float) -> str:
    """A spelling that every YAML reader takes for this number."""
    if isinstance(value, int):
        return str(value)
    plain = format(Decimal(text), "f")
    if len(plain) > 20:
        mantissa, exponent = f"{value:e}".split("e")
        return f"{mantissa}e{int(exponent):+d}"
    return plain if "." in plain else f"{plain}.0"
