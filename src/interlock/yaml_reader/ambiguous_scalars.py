"""Reads unquoted YAML scalars, and reports those that YAML 1.1 and 1.2 read differently.

DVC reads YAML 1.2 (core schema, https://yaml.org/spec/1.2.2/#103-core-schema); PyYAML and many
editors read 1.1.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import yaml

from interlock.yaml_reader.common_documents import Uncommon

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
# By first letter, as in PyYAML; a word with another first letter is text in both versions.
_IMPLICIT: dict[str, list[tuple[str, re.Pattern[str]]]] = yaml.SafeLoader.yaml_implicit_resolvers
# A longer number overflows a float.
_LONGEST_NUMBER = 300


class Scalar(NamedTuple):
    """A value by YAML 1.2, with the reason why its text is ambiguous, if it is."""

    value: Value
    ambiguity: str | None = None
    hint: str = ""


def read(text: str) -> Scalar:
    """Return the value of an unquoted scalar, and its ambiguity."""
    if text[:1] not in _IMPLICIT or len(text) > _LONGEST_NUMBER:
        return Scalar(text)
    return _read(text)


def common(text: str) -> Value:
    """Return the value of an unquoted scalar; raises Uncommon for an ambiguous one."""
    if text[:1] not in _IMPLICIT:
        return text
    scalar = read(text)
    if scalar.ambiguity:
        raise Uncommon
    return scalar.value


@lru_cache(maxsize=4096)
def _read(text: str) -> Scalar:
    value = _core(text)
    if isinstance(value, float) and not math.isfinite(value):
        return Scalar(value, f"{text!r} is not a finite number", "write a number, or leave it out")
    old = _yaml_1_1(text)
    if type(old) is type(value) and old == value:
        return Scalar(value)
    message = f"{text!r} is {_describe(old)} in YAML 1.1 and {_describe(value)} in YAML 1.2"
    return Scalar(value, message, _advise(text, old, value))


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
    tag = next(tags, None)
    if tag is None:
        return text
    if tag in _UNREAD:
        return _UNREAD[tag]
    try:
        return yaml.SafeLoader.yaml_constructors[tag](
            yaml.SafeLoader(""), yaml.ScalarNode(tag, text)
        )
    except (ValueError, OverflowError):
        return _UNREAD["tag:yaml.org,2002:timestamp"]


class _OtherType(NamedTuple):
    name: str


_UNREAD = {
    "tag:yaml.org,2002:merge": _OtherType("a merge key"),
    "tag:yaml.org,2002:value": _OtherType("a default key"),
    "tag:yaml.org,2002:timestamp": _OtherType("a date"),
    "tag:yaml.org,2002:yaml": _OtherType("a YAML directive"),
}


def _describe(value: object) -> str:
    if isinstance(value, _OtherType):
        return value.name
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value:.15g}" if isinstance(value, float) else f"the number {value}"
    return "text"


def _advise(text: str, old: object, value: Value) -> str:
    quoted = f'"{text}"'
    if isinstance(old, bool):
        return f"write {quoted} for the word, {str(old).lower()} for the boolean"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"write {_plain(text, value)} for the number, {quoted} for text"
    if isinstance(old, int | float):
        return f"write {quoted} for text, {old} for the number"
    return f"write {quoted}"


def _plain(text: str, value: int | float) -> str:
    """Spell the number so that every YAML reader accepts it."""
    if isinstance(value, int):
        return str(value)
    plain = format(Decimal(text), "f")
    if len(plain) > 20:
        mantissa, exponent = f"{value:e}".split("e")
        return f"{mantissa}e{int(exponent):+d}"
    return plain if "." in plain else f"{plain}.0"
