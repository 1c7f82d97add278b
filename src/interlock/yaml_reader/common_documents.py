"""Reads common YAML from libyaml's events, in one pass and without nodes.

Nearly every document has only text keys, plain and quoted scalars, lists and mappings. For any
other one, and for every error, the caller composes nodes: they have the positions of errors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

from interlock.domain.basics import parse_limits
from interlock.domain.basics.parse_limits import Size

_libyaml: Any = getattr(yaml, "cyaml", None)
_Parser: Any = yaml.SafeLoader if _libyaml is None else _libyaml.CParser
_Scalar, _MappingEnd, _SequenceEnd = yaml.ScalarEvent, yaml.MappingEndEvent, yaml.SequenceEndEvent
_BEFORE = [yaml.StreamStartEvent, yaml.DocumentStartEvent]
_AFTER = [yaml.DocumentEndEvent, yaml.StreamEndEvent]
_LONGEST_KEY = parse_limits.KEY.most
_DEEPEST = parse_limits.DEPTH.most - 1
"""The values in the innermost mapping are one level deeper."""


class Uncommon(Exception):
    """The document has to be read from its nodes."""


def read(
    text: str, *, size: Size, plain: Callable[[str], Any], lines: dict[int, int] | None = None
) -> Any:
    """Return the value of a document; raises Uncommon.

    `plain` returns the value of a scalar without quotes, or raises Uncommon. `lines` gets the line
    where each list and mapping begins, by the id of its value.
    """
    if 2 * len(text) > size.values.most:  # it has at most two values for each character
        raise Uncommon
    try:
        return _Reader(_Parser(text).get_event, plain, {} if lines is None else lines).read()
    except yaml.YAMLError as error:
        raise Uncommon from error


class _Reader:
    def __init__(
        self, event: Callable[[], Any], plain: Callable[[str], Any], lines: dict[int, int]
    ) -> None:
        self._event, self._plain, self._lines = event, plain, lines

    def read(self) -> Any:
        event = self._event
        if [type(event()), type(event())] != _BEFORE:
            raise Uncommon
        root = self._collection(event(), 1)
        if [type(event()), type(event())] != _AFTER:
            raise Uncommon
        return root

    def _collection(self, start: Any, depth: int) -> Any:
        if depth > _DEEPEST or type(start) is yaml.AliasEvent or start.anchor:
            raise Uncommon
        if type(start) is yaml.MappingStartEvent and not start.tag:
            return self._mapping(start, depth)
        if type(start) is yaml.SequenceStartEvent and not start.tag:
            return self._list(start, depth)
        raise Uncommon

    def _mapping(self, start: Any, depth: int) -> dict[str, Any]:
        event, plain = self._event, self._plain
        fields: dict[str, Any] = {}
        self._lines[id(fields)] = start.start_mark.line + 1
        while type(name := event()) is _Scalar:
            if name.tag or name.anchor:
                raise Uncommon
            key = name.value if name.style else plain(name.value)
            if type(key) is not str or key in fields or len(key) > _LONGEST_KEY:
                raise Uncommon
            value = event()
            if type(value) is not _Scalar:
                fields[key] = self._collection(value, depth + 1)
            elif value.tag or value.anchor:
                raise Uncommon
            else:
                fields[key] = value.value if value.style else plain(value.value)
        if type(name) is not _MappingEnd:
            raise Uncommon
        return fields

    def _list(self, start: Any, depth: int) -> list[Any]:
        event, plain = self._event, self._plain
        items: list[Any] = []
        self._lines[id(items)] = start.start_mark.line + 1
        while type(item := event()) is not _SequenceEnd:
            if type(item) is not _Scalar:
                items.append(self._collection(item, depth + 1))
            elif item.tag or item.anchor:
                raise Uncommon
            else:
                items.append(item.value if item.style else plain(item.value))
        return items
