"""Where each value of a YAML document stands; reads composed nodes, decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
        self, root: yaml.Node | None = None, *, again: Callable[[], yaml.Node | None] | None = None
    ) -> None:
        """`again` composes the document once more, after `forget`."""
        self._found = root
        self._again = again

    @property
    def _root(self) -> yaml.Node | None:
        if self._found is None and self._again is not None:
            self._found = self._again()
        return self._found

    def forget(self) -> None:
        """Let go of the nodes until a position is asked for: a thousand documents of them slow
        every collection of garbage down."""
        self._found = None

    def value(self, path: Path) -> Position:
        """Where a value begins; of an empty value, its key."""
        key, node, _ = self._find(path)
        if key is not None and is_empty(node):
            return of(key)
        return START if node is None else of(node)

    def key(self, path: Path) -> Position:
        """Where the key of a value stands; of a list's entry, where the entry begins."""
        key, node, whole = self._find(path)
        if key is not None and whole:
            return of(key)
        return START if node is None else of(node)

    def holds(self, path: Path) -> bool:
        """Whether a path exists."""
        return self._find(path)[2]

    def lines(self) -> dict[str, int]:
        """Dotted field ("gates.0.min") to the line of its key, or of its entry, for every field."""
        return {} if self._root is None else dict(_lines(self._root, "", set()))

    def _find(self, path: Path) -> tuple[yaml.Node | None, yaml.Node | None, bool]:
        """(key, value) of the deepest part of the path that exists; whether that is all of it."""
        key, node = None, self._root
        for part in path:
            step = _child(node, part)
            if step is None:
                return key, node, False
            key, node = step
        return key, node, True


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
