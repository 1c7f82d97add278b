"""Measures a YAML document with its aliases followed, without expanding them."""

from __future__ import annotations

from typing import NamedTuple

import yaml

from interlock.domain.basics import parse_limits
from interlock.domain.basics.parse_limits import Size
from interlock.yaml_reader import loader, positions
from interlock.yaml_reader.error_collector import InvalidYaml


class _Size(NamedTuple):
    values: int
    characters: int
    depth: int


def require_size(root: yaml.Node, *, size: Size) -> None:
    """Raise InvalidYaml when the document is too large with its aliases followed, or endless."""
    _Measure(size).of(root)


class _Measure:
    def __init__(self, most: Size) -> None:
        self._most = (most.values, most.characters, parse_limits.DEPTH)
        self._sizes: dict[int, _Size | None] = {}
        """None while the node is measured: an alias to it is inside it."""

    def of(self, node: yaml.Node) -> _Size:
        if type(node) is yaml.ScalarNode:
            return _Size(1, len(node.value), 1)
        if id(node) in self._sizes:
            size = self._sizes[id(node)]
            if size is None:
                message = "an alias is inside the value that it refers to"
                raise InvalidYaml(positions.of(node), message, "write the value out")
            return size
        self._sizes[id(node)] = None
        size = self._sum(node)
        for limit, count in zip(self._most, size, strict=True):
            if count > limit.most:
                loader.refuse(limit, node)
        self._sizes[id(node)] = size
        return size

    def _sum(self, node: yaml.Node) -> _Size:
        pairs = isinstance(node, yaml.MappingNode)
        children = [part for pair in node.value for part in pair] if pairs else node.value
        sizes = [self.of(child) for child in children]
        return _Size(
            1 + sum(size.values for size in sizes),
            sum(size.characters for size in sizes),
            1 + max((size.depth for size in sizes), default=0),
        )
