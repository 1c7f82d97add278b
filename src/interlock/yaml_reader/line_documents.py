"""Reads the plainest YAML by one regular expression, line by line and without libyaml.

Most files that people and DVC write have on each line a key, a value or an entry of a list, and no
multi-line values, anchors, tags, escapes or comments beside a value. A document with any other line
is left to libyaml. A property test compares both readers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from interlock.domain.basics import parse_limits

_KEY = r"[A-Za-z_][A-Za-z0-9_./-]*+"
_START = r"(?:[A-Za-z0-9_./]|-(?=[0-9]))"
"""How a plain scalar may begin here: with no sign that YAML gives a meaning."""
_QUOTED = r'"[ !#-\[\]-~]*+"|' + r"'[ -&(-~]*+'"
_PLAIN = _START + r'(?:[ -"$-9;-~]|:(?=[!-~]))*+(?<! )'
_VALUE = rf"{_PLAIN}|{_QUOTED}|[\[{{][ -~]*+(?<=[\]}}])"
_LINE = re.compile(
    rf"^(?: *+(?:#[ -~]*+)?|( *+)(- )?(?:({_KEY}):(?: ({_VALUE}))?|({_VALUE})))$", re.MULTILINE
)
_ITEM = re.compile(rf"(?:({_KEY}): )?(?:({_START}[A-Za-z0-9_./+-]*+|{_QUOTED})|(?=[\[{{]))")
LONGEST_KEY = parse_limits.KEY.most
DEEPEST = parse_limits.DEPTH.most - 1
"""The values in the innermost mapping are one level deeper."""
_ROOT = -1
_KINDS = {"": dict, "- ": list}


class Uncommon(Exception):
    """The document has to be read by another reader."""


def read(text: str, *, plain: Callable[[str], Any], lines: dict[int, int]) -> Any:
    """Return the value of a document; raises Uncommon. See `common_documents.read`."""
    written = _LINE.findall(text)
    if len(written) != text.count("\n") + 1:
        raise Uncommon
    return _LineReader(plain, lines).read(written)


class _LineReader:
    """`_open` are the lists and mappings that a next line may belong to, each with its column.
    `_key` is a key of the last one that has no value yet."""

    def __init__(self, plain: Callable[[str], Any], lines: dict[int, int]) -> None:
        self._plain, self._lines = plain, lines
        self._open: list[tuple[int, Any]] = [(_ROOT, {})]
        self._key: str | None = ""
        self._line = 0

    def read(self, written: list[tuple[str, str, str, str, str]]) -> Any:
        root = self._open[0][1]
        for self._line, (blanks, dash, key, value, item) in enumerate(written, start=1):
            if not key and not item:
                continue
            column = len(blanks)
            place, last = self._open[-1]
            if self._key is not None or place != column or type(last) is not _KINDS[dash]:
                last = self._enter(column, is_entry=bool(dash))
            if dash and key:
                last.append(entry := self._begin({}))
                self._push(column + 2, entry)
                self._put(entry, key, value)
            elif key:
                self._put(last, key, value)
            elif dash:
                last.append(self._value(item))
            else:  # the text goes on from the line before
                raise Uncommon
        if len(self._open) == 1:  # there is no document
            raise Uncommon
        if self._key is not None:
            self._open[-1][1][self._key] = self._plain("")
        return root[""]

    def _enter(self, column: int, *, is_entry: bool) -> Any:
        """Return the list or the mapping of a line, which becomes the last open one."""
        above, last = self._open[-1]
        if self._key is not None:
            if column > above or (is_entry and column == above):
                if above == _ROOT and column:
                    raise Uncommon
                value = last[self._key] = self._begin([] if is_entry else {})
                self._push(column, value)
            else:
                last[self._key] = self._plain("")
            self._key = None
        return self._leave(column, is_entry=is_entry)

    def _leave(self, column: int, *, is_entry: bool) -> Any:
        """Close all that is further right, and a list in the column of its key."""
        kind = list if is_entry else dict
        while True:
            place, last = self._open[-1]
            if place == column and type(last) is kind:
                return last
            if place < column or (place == column and is_entry):
                raise Uncommon
            self._open.pop()

    def _begin(self, value: Any) -> Any:
        self._lines[id(value)] = self._line
        return value

    def _push(self, column: int, value: Any) -> None:
        if len(self._open) > DEEPEST:
            raise Uncommon
        self._open.append((column, value))

    def _put(self, fields: dict[str, Any], name: str, value: str) -> None:
        key = self._name(fields, name)
        if value:
            fields[key] = self._value(value)
        else:
            self._key = key

    def _name(self, fields: dict[str, Any], name: str) -> str:
        key = self._plain(name)
        if type(key) is not str or key in fields or len(key) > LONGEST_KEY:
            raise Uncommon
        return key

    def _value(self, text: str) -> Any:
        if text[0] not in "\"'[{":
            return self._plain(text)
        if text[0] in "\"'":
            return text[1:-1]
        value, end = self._flow(text, 0, len(self._open))
        if end != len(text):
            raise Uncommon
        return value

    def _flow(self, text: str, start: int, depth: int) -> tuple[Any, int]:
        """Return a list or mapping in brackets, and where it ends."""
        if depth > DEEPEST:
            raise Uncommon
        is_mapping = text[start] == "{"
        value: Any = self._begin({} if is_mapping else [])
        end, position = "}" if is_mapping else "]", start + 1
        if text[position] == end:
            return value, position + 1
        while True:
            match = _ITEM.match(text, position)
            if match is None or (match[1] is not None) != is_mapping:
                raise Uncommon
            key = self._name(value, match[1]) if is_mapping else None
            position = match.end()
            if match[2] is None:
                item, position = self._flow(text, position, depth + 1)
            else:
                item = self._value(match[2])
            if is_mapping:
                value[key] = item
            else:
                value.append(item)
            if text.startswith(end, position):
                return value, position + 1
            if not text.startswith(", ", position):
                raise Uncommon
            position += 2
