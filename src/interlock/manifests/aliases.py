"""How large a YAML document is once its aliases are followed; expands nothing to find out."""

from __future__ import annotations

from typing import NamedTuple

import yaml

from interlock.manifests import limits
from interlock.manifests.complaints import Complaint
from interlock.manifests.positions import of


class _Size(NamedTuple):
    values: int
    characters: int
    depth: int


def measure(root: yaml.Node) -> None:
    """Raise a Complaint when following the aliases would give too much, or never end."""
    _measure(root, {})


def _measure(node: yaml.Node, known: dict[int, _Size | None]) -> _Size:
    """An anchor stands before its aliases, so what an alias names is known, or is around it."""
    if id(node) in known:
        size = known[id(node)]
        if size is None:
            raise Complaint(of(node), "an alias stands inside what it names", "write the value out")
        return size
    known[id(node)] = None
    size = _sum(node, known)
    if size.depth > limits.MAX_DEPTH:
        limits.refuse_depth(node)
    if size.values > limits.MAX_VALUES or size.characters > limits.MAX_CHARACTERS:
        limits.refuse_values(node)
    known[id(node)] = size
    return size


def _sum(node: yaml.Node, known: dict[int, _Size | None]) -> _Size:
    if isinstance(node, yaml.ScalarNode):
        return _Size(1, len(node.value), 1)
    pairs = isinstance(node, yaml.MappingNode)
    children = [part for pair in node.value for part in pair] if pairs else node.value
    sizes = [_measure(child, known) for child in children]
    return _Size(
        1 + sum(size.values for size in sizes),
        sum(size.characters for size in sizes),
        1 + max((size.depth for size in sizes), default=0),
    )
