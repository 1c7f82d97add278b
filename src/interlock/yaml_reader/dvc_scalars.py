"""Resolves plain scalars as DVC does, by YAML 1.2, and builds their values.

DVC reads with ruamel.yaml, for which `yes`, `NO` and `12:30` are strings and `1e3` is a number.
PyYAML's own resolver follows YAML 1.1 and would find changes where DVC finds none, and miss some.
The patterns are those of ruamel.yaml's 1.2 resolver, its leniencies included.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable
from typing import Any

import yaml

from interlock.yaml_reader.common_documents import Uncommon

PREFIX = "tag:yaml.org,2002:"
STR, INT, FLOAT, _BOOL, _NULL, DATE, MERGE = (
    PREFIX + name for name in ("str", "int", "float", "bool", "null", "timestamp", "merge")
)
SEQUENCE, MAPPING = PREFIX + "seq", PREFIX + "map"
_WORDS = {
    **dict.fromkeys(("true", "True", "TRUE", "false", "False", "FALSE"), _BOOL),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), _NULL),
    "<<": MERGE,
    "=": PREFIX + "value",
}
_WORD_FORM = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_NO_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null", "inf", "nan"})
_NUMBER_START = frozenset("+-.0123456789")
_FLOAT_FORM = re.compile(
    r"""(?: [-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?
      | [-+]?[0-9][0-9_]*[eE][-+]?[0-9]+
      | [-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?
      | [-+]?\.(?:inf|Inf|INF) | \.(?:nan|NaN|NAN) )\Z""",
    re.VERBOSE,
)
# Numbers in base ten with nothing that only one version of YAML knows.
_SAME_NUMBER = re.compile(
    r"[-+]?(?:0|[1-9][0-9]*|(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?)\Z"
)
_INT_FORM = re.compile(r"(?:[-+]?0b[01_]+|[-+]?0o?[0-7_]+|[-+]?[0-9_]+|[-+]?0x[0-9a-fA-F_]+)\Z")
_DATE_FORM = re.compile(
    r"""(?: \d{4}-\d\d-\d\d
      | \d{4}-\d\d?-\d\d? (?:[Tt]|[ \t]+) \d\d?:\d\d:\d\d (?:\.\d*)?
        (?:[ \t]*(?:Z|[-+]\d\d?(?::?\d\d)?))? )\Z""",
    re.VERBOSE,
)


class Date(str):
    """The text of a date without quotes. It never equals a quoted one."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Date) and str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


class Plain(str):
    """The text of a scalar without quotes: `yes`, `1e3`, `007`, `2026-01-01`.

    Its value depends on the reader: `yes` is a word in YAML 1.2 and true in YAML 1.1.
    """

    __slots__ = ()


def resolve(kind: Any, text: Any, implicit: Any) -> str:
    """Return the tag of a node that has none of its own."""
    if kind is not yaml.ScalarNode:
        return MAPPING if kind is yaml.MappingNode else SEQUENCE
    return plain_tag(text) if implicit[0] else STR


def build(text: str, tag: str) -> Any:
    """Return the value of a scalar; raises ValueError when the text is not of its tag, KeyError
    for an unknown tag."""
    return _BUILDERS[tag](text)


def plain(text: str) -> Any:
    """Return the value of a scalar without quotes; raises Uncommon for one that has none."""
    if text not in _WORDS and text[0] not in _NUMBER_START:
        return text
    try:
        return build(text, plain_tag(text))
    except (KeyError, ValueError) as error:
        raise Uncommon from error


def written(text: str) -> Any:
    """Return the value of a scalar without quotes, `Plain` if YAML 1.1 and 1.2 read another one;
    raises Uncommon."""
    if is_word(text):
        return text
    value = plain(text)
    if "\n" in text:
        raise Uncommon
    return value if is_same_everywhere(text, plain_tag(text)) else Plain(text)


def is_word(text: str) -> bool:
    """Whether every YAML reader takes a text for a string, with and without quotes."""
    return _WORD_FORM.match(text) is not None and text.lower() not in _NO_WORDS


def is_same_everywhere(text: str, tag: str) -> bool:
    """Whether YAML 1.1 and 1.2 read a plain scalar alike."""
    return is_word(text) or tag in (_BOOL, _NULL) or _SAME_NUMBER.match(text) is not None


def plain_tag(text: str) -> str:
    tag = _WORDS.get(text)
    if tag is not None:
        return tag
    return STR if text[0] not in _NUMBER_START else _number_tag(text)


def _number_tag(value: str) -> str:
    if _FLOAT_FORM.match(value):
        return FLOAT
    if value[0] != "." and _INT_FORM.match(value):
        return INT
    return DATE if value[0].isdigit() and _DATE_FORM.match(value) else STR


def _date(text: str) -> Date:
    """Raise ValueError for a date that the calendar does not have; DVC refuses it too."""
    numbers: Any = [int(number) for number in re.findall(r"\d+", text)[:6]]
    try:
        datetime.datetime(*numbers)
    except (TypeError, OverflowError) as error:
        raise ValueError(text) from error
    return Date(text)


def _integer(text: str) -> int:
    digits = text.replace("_", "")
    sign = -1 if digits[:1] == "-" else 1
    digits = digits.lstrip("+-")
    bases = {"0b": 2, "0x": 16, "0o": 8}
    base = bases.get(digits[:2])
    return sign * (int(digits, 10) if base is None else int(digits[2:], base))


def _float(text: str) -> float:
    digits = text.replace("_", "").lower()
    if digits.endswith(".inf"):
        return -math.inf if digits[0] == "-" else math.inf
    return math.nan if digits == ".nan" else float(digits)


_BUILDERS: dict[str, Callable[[str], Any]] = {
    STR: str,
    INT: _integer,
    FLOAT: _float,
    DATE: _date,
    _BOOL: lambda text: text.lower() == "true",
    _NULL: lambda _: None,
}
