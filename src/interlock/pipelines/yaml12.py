"""YAML as DVC reads it, version 1.2, over libyaml; what the document means does not enter.

DVC reads with ruamel.yaml, for which `yes`, `NO` and `12:30` are strings and `1e3` is a number.
PyYAML's own resolver follows YAML 1.1 and would find changes where DVC finds none, and miss some.
The patterns are those of ruamel.yaml's 1.2 resolver, its leniencies included.
"""

from __future__ import annotations

import datetime
import functools
import json
import math
import re
from collections.abc import Callable
from typing import Any

import yaml

from interlock import errors
from interlock.domain.basics import parse_limits
from interlock.manifests import aliases, composing, nearest, positions, syntax_errors
from interlock.manifests.error_collector import Complaint
from interlock.pipelines import file_errors, tabs

_CONFLICT = re.compile("^<{7}( |$)", re.MULTILINE)
_RESOLVE = "keep one side, or both, and delete the lines <<<<<<<, ======= and >>>>>>>"

_PREFIX = "tag:yaml.org,2002:"
_STR, _INT, _FLOAT, _BOOL, _NULL, _DATE, _MERGE = (
    _PREFIX + name for name in ("str", "int", "float", "bool", "null", "timestamp", "merge")
)
_SEQUENCE, _MAPPING = _PREFIX + "seq", _PREFIX + "map"
_WORDS = {
    **dict.fromkeys(("true", "True", "TRUE", "false", "False", "FALSE"), _BOOL),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), _NULL),
    "<<": _MERGE,
    "=": _PREFIX + "value",
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
    """A plain scalar that is a date: kept as it is written, and never equal to a quoted one."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Date) and str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


class Plain(str):
    """A scalar without quotes, as it is written: `yes`, `1e3`, `007`, `2026-01-01`.

    What it means depends on the reader: YAML 1.2 takes `yes` for a word, YAML 1.1 for true.
    """

    __slots__ = ()


class _Composer(composing.Composer):
    """libyaml's composer with the scalars of YAML 1.2."""

    def __init__(self, text: str) -> None:
        super().__init__(text, size=parse_limits.FILE)

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        if kind is not yaml.ScalarNode:
            return _MAPPING if kind is yaml.MappingNode else _SEQUENCE
        if not implicit[0]:
            return _STR
        return _plain_tag(value)


def read(data: bytes, *, path: str) -> Any:
    """Return the document's value ({} when it is empty); raises Placed."""
    return _read(data, path, _Constructor)


def read_written(data: bytes, *, path: str) -> Any:
    """As `read`, but what YAML 1.1 and 1.2 take for different things is `Plain`."""
    return _read(data, path, _Written)


def is_word(text: str) -> bool:
    """Whether every reader of YAML takes a text for a string, with and without quotes."""
    return _WORD_FORM.match(text) is not None and text.lower() not in _NO_WORDS


def _read(data: bytes, path: str, constructor: type[_Constructor]) -> Any:
    try:
        return _read_text(data, path, constructor)
    except file_errors.Placed as error:
        raise file_errors.inside(error, data, path=path) from error


def _read_text(data: bytes, path: str, constructor: type[_Constructor]) -> Any:
    text = _decode(data, path)
    try:
        node = _Composer(text).get_single_node()
        if node is None:
            return {}
        tab = tabs.find(text)
        if tab is not None:
            said = "a tab stands where DVC reads only spaces"
            raise file_errors.refuse(path, tab, said, "put spaces there")
        if "&" in text:
            aliases.measure(node, size=parse_limits.FILE)
        return constructor(path).value(node)
    except yaml.YAMLError as error:
        raise _not_yaml(error, text, path) from error
    except Complaint as found:
        raise file_errors.refuse(path, found.position, found.message, found.hint) from found


@functools.lru_cache(maxsize=2)
def lines(data: bytes) -> positions.LineMap:
    """Return where everything is in a document that `read` reads; found once for many faults."""
    return positions.LineMap(_Composer(data.decode("utf-8")).get_single_node())


def _decode(data: bytes, path: str) -> str:
    if len(data) > parse_limits.FILE.bytes.most:
        found = parse_limits.FILE.bytes
        raise file_errors.refuse(path, positions.START, found.sentence, found.hint)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").split("\n")
        place = positions.Position(len(before), len(before[-1]) + 1)
        said = f"it is not UTF-8 (byte {error.start})"
        raise file_errors.refuse(path, place, said, "save it with the encoding UTF-8") from error


def conflict(text: str, path: str) -> file_errors.Placed | None:
    """Return the refusal of a text for the first conflict marker in it, None when it has none."""
    marker = _CONFLICT.search(text)
    if marker is None:
        return None
    place = positions.Position(text.count("\n", 0, marker.start()) + 1, 1)
    return file_errors.refuse(path, place, "a merge left its conflict markers here", _RESOLVE)


def _not_yaml(error: yaml.YAMLError, text: str, path: str) -> errors.CannotFingerprint:
    marked = conflict(text, path)
    if marked is not None:
        return marked
    found = syntax_errors.explain(error, text)
    return file_errors.refuse(path, found.position, found.message, found.hint)


class _Constructor:
    """Builds plain values from nodes, refusing what DVC refuses: duplicate keys, unknown tags."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._built: dict[int, Any] = {}

    def value(self, node: Any) -> Any:
        kind = type(node)
        if kind is yaml.ScalarNode:
            return node.value if node.tag == _STR else self._scalar(node)
        if id(node) in self._built:
            return self._built[id(node)]
        if kind is yaml.SequenceNode and node.tag == _SEQUENCE:
            items: list[Any] = []
            self._built[id(node)] = items
            items.extend([self.value(child) for child in node.value])
            return items
        if kind is yaml.MappingNode and node.tag == _MAPPING:
            return self._mapping(node)
        raise self._failure(node, f"the tag {node.tag.removeprefix(_PREFIX)} is not understood")

    def _mapping(self, node: Any) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        self._built[id(node)] = result
        merged: list[Any] = []
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                merged.append(value_node)
                continue
            key = self.value(key_node)
            if isinstance(key, list | dict):
                raise self._failure(key_node, "a key is a list or a mapping")
            if isinstance(key, str) and len(key) > parse_limits.KEY.most:
                raise self._failure(key_node, parse_limits.KEY.sentence, parse_limits.KEY.hint)
            if key in result:
                raise self._failure(key_node, f"the key {key!r} is given twice")
            result[key] = self.value(value_node)
        for child in merged:
            self._merge(child, into=result)
        return result

    def _merge(self, node: Any, *, into: dict[Any, Any]) -> None:
        value = self.value(node)
        for mapping in value if isinstance(value, list) else [value]:
            if not isinstance(mapping, dict):
                raise self._failure(node, "only a mapping can be merged with <<")
            for key, item in mapping.items():
                into.setdefault(key, item)

    def _scalar(self, node: Any) -> Any:
        text, tag = node.value, node.tag
        if tag in _NUMBERS:
            return self._number(node)
        if tag == _BOOL:
            return text.lower() == "true"
        if tag == _NULL:
            return None
        if tag == _DATE and _is_date(text):
            return Date(text)
        if tag == _DATE:
            raise self._failure(node, f"{text} is no date")
        raise self._failure(node, f"the tag {tag.removeprefix(_PREFIX)} is not understood")

    def _number(self, node: Any) -> float:
        text = node.value
        try:
            return _NUMBERS[node.tag](text)
        except ValueError as error:
            if len(text) > parse_limits.DIGITS.most:  # Python converts no more
                said, hint = parse_limits.DIGITS.sentence, parse_limits.DIGITS.hint
                raise self._failure(node, said, hint) from error
            raise self._failure(node, f"{nearest.quote(text)} is no number") from error

    def _failure(self, node: Any, message: str, hint: str = "") -> errors.CannotFingerprint:
        return file_errors.refuse(self._path, positions.of(node), message, hint)


class _Written(_Constructor):
    """Keeps the text of scalars that readers differ about, after the checks of `_Constructor`."""

    def value(self, node: Any) -> Any:
        found = super().value(node)
        if type(node) is not yaml.ScalarNode:
            return found
        text = node.value
        if not node.style and "\n" not in text and _plain_tag(text) == node.tag:
            same = is_word(text) or node.tag in (_BOOL, _NULL) or _SAME_NUMBER.match(text)
            return found if same else Plain(text)
        if node.tag == _STR:
            return text
        return Plain(f"!!{node.tag.removeprefix(_PREFIX)} {json.dumps(text)}")


def _plain_tag(text: str) -> str:
    tag = _WORDS.get(text)
    if tag is not None:
        return tag
    return _STR if text[0] not in _NUMBER_START else _number_tag(text)


def _number_tag(value: str) -> str:
    if _FLOAT_FORM.match(value):
        return _FLOAT
    if value[0] != "." and _INT_FORM.match(value):
        return _INT
    return _DATE if value[0].isdigit() and _DATE_FORM.match(value) else _STR


def _is_date(text: str) -> bool:
    """Whether the calendar has a date, and the day its time; DVC refuses any other."""
    try:
        numbers: Any = [int(number) for number in re.findall(r"\d+", text)[:6]]
        datetime.datetime(*numbers)
    except (ValueError, TypeError, OverflowError):
        return False
    return True


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


_NUMBERS: dict[str, Callable[[str], float]] = {_INT: _integer, _FLOAT: _float}
