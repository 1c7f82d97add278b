"""Positions of the values of a YAML document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

import yaml

Path = tuple[str | int, ...]
"""Keys and indices from the document's root to a value: `("gates", 0, "metric")`."""


class Position(NamedTuple):
    """1-based line and column, in characters."""

    line: int
    column: int


START = Position(1, 1)


class LineMap:
    """Positions by path. A path that does not exist has the position of its nearest ancestor."""

    def __init__(
        self,
        root: yaml.Node | None = None,
        *,
        again: Callable[[], yaml.Node | None] | None = None,
        lines: Mapping[int, int] | None = None,
    ) -> None:
        """`again` composes the document when a position is needed; `lines` are the lines of its
        lists and mappings by the ids of their values."""
        self._node = root
        self._again = again
        self._starts = lines or {}

    def line_of(self, entry: object, path: Path) -> int:
        """Return the line where an entry of a list begins; `path` is its path."""
        return self._starts.get(id(entry)) or self.key(path).line

    @property
    def _root(self) -> yaml.Node | None:
        if self._node is None and self._again is not None:
            self._node = self._again()
        return self._node

    def forget(self) -> None:
        """Release the nodes until a position is needed: the nodes of a thousand documents slow
        down every garbage collection."""
        self._node = None
        self._starts = {}

    def value(self, path: Path) -> Position:
        """Return the start of a value; of an empty value, of its key."""
        key, node, _ = self._find(path)
        if key is not None and is_empty(node):
            return of(key)
        return START if node is None else of(node)

    def key(self, path: Path) -> Position:
        """Return the position of the key of a value; of a list entry, its start."""
        key, node, whole = self._find(path)
        if key is not None and whole:
            return of(key)
        return START if node is None else of(node)

    def has(self, path: Path) -> bool:
        """Whether a path exists."""
        return self._find(path)[2]

    def lines(self) -> Mapping[str, int]:
        """Map every dotted field ("gates.0.min") to the line of its key or entry; computed when
        the first line is needed."""
        return _FieldLines(self)

    def _lines(self) -> dict[str, int]:
        return {} if self._root is None else dict(_lines(self._root, "", set()))

    def _find(self, path: Path) -> tuple[yaml.Node | None, yaml.Node | None, bool]:
        """Return key and value of the deepest existing part of the path; whether it is all."""
        key, node = None, self._root
        for part in path:
            step = _child(node, part)
            if step is None:
                return key, node, False
            key, node = step
        return key, node, True


class _FieldLines(Mapping[str, int]):
    def __init__(self, positions: LineMap) -> None:
        self._positions = positions

    @cached_property
    def _known(self) -> dict[str, int]:
        return self._positions._lines()

    def __getitem__(self, field: str) -> int:
        return self._known[field]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def of(node: yaml.Node) -> Position:
    return Position(node.start_mark.line + 1, node.start_mark.column + 1)


def is_empty(node: yaml.Node | None) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.value == "" and not node.style


def _child(node: yaml.Node | None, part: str | int) -> tuple[yaml.Node | None, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((k, v) for k, v in node.value if k.value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return None, node.value[part]
    return None


def _lines(node: yaml.Node, prefix: str, above: set[int]) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.ScalarNode) or id(node) in above:
        return
    for name, mark, child in _fields(node):
        yield f"{prefix}{name}", mark.line + 1
        yield from _lines(child, f"{prefix}{name}.", above | {id(node)})


def _fields(node: yaml.Node) -> Iterator[tuple[object, yaml.Mark, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                yield key.value, key.start_mark, value
    else:
        for index, value in enumerate(node.value):
            yield index, value.start_mark, value
