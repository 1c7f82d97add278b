"""How large a YAML document is once its aliases are followed; expands nothing to find out."""

from __future__ import annotations

from typing import NamedTuple

import yaml

from interlock.domain.basics import parse_limits
from interlock.domain.basics.parse_limits import Size
from interlock.manifests import composing, positions
from interlock.manifests.error_collector import Complaint


class _Size(NamedTuple):
    values: int
    characters: int
    depth: int


def measure(root: yaml.Node, *, size: Size) -> None:
    """Raise a Complaint when following the aliases would give too much, or never end."""
    _Measure(size).of(root)


class _Measure:
    def __init__(self, most: Size) -> None:
        self._most = (most.values, most.characters, parse_limits.DEPTH)
        self._known: dict[int, _Size | None] = {}

    def of(self, node: yaml.Node) -> _Size:
        """An anchor stands before its aliases, so what one names is known, or is around it."""
        if type(node) is yaml.ScalarNode:
            return _Size(1, len(node.value), 1)
        if id(node) in self._known:
            size = self._known[id(node)]
            if size is None:
                said = "an alias stands inside what it names"
                raise Complaint(positions.of(node), said, "write the value out")
            return size
        self._known[id(node)] = None
        size = self._sum(node)
        self._require(node, size)
        self._known[id(node)] = size
        return size

    def _require(self, node: yaml.Node, size: _Size) -> None:
        for limit, count in zip(self._most, size, strict=True):
            if count > limit.most:
                composing.refuse(limit, node)

    def _sum(self, node: yaml.Node) -> _Size:
        pairs = isinstance(node, yaml.MappingNode)
        children = [part for pair in node.value for part in pair] if pairs else node.value
        sizes = [self.of(child) for child in children]
        return _Size(
            1 + sum(size.values for size in sizes),
            sum(size.characters for size in sizes),
            1 + max((size.depth for size in sizes), default=0),
        )
