"""Composes YAML text to nodes with libyaml, within limits; what a node means is not known.

libyaml's composer recurses, and deeply nested text would end the process. The loader counts depth
and values where each node begins, and stops at a limit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import yaml

from interlock.domain.basics import parse_limits
from interlock.domain.basics.parse_limits import ParseLimit, Size
from interlock.yaml_reader.error_collector import InvalidYaml
from interlock.yaml_reader.positions import START, of

Resolver = Callable[[Any, Any, Any], str]
"""Returns the tag of a node from its kind, its text, and whether it has no tag of its own."""
_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = parse_limits.DEPTH.most


def compose(text: str, *, size: Size, resolve: Resolver) -> yaml.Node | None:
    """Return the root node of one document, None for an empty one.

    Raises InvalidYaml for a document over a limit, YAMLError for text that is not YAML.
    """
    root: yaml.Node | None = _Loader(text, size=size, resolve=resolve).get_single_node()
    return root


def no_tag(*_: object) -> str:
    """Resolve nothing: the reader decides about plain scalars itself."""
    return ""


class _Loader(_Safe):  # type: ignore[misc]
    def __init__(self, text: str, *, size: Size, resolve: Resolver) -> None:
        super().__init__(text)
        self.resolve = resolve
        self._limit = size.values
        self._most_values = size.values.most
        self._depth = 0
        self._values = 0

    def descend_resolver(self, parent: yaml.Node | None, index: object) -> None:
        """Count a node as it begins; libyaml calls this, and its path resolvers are not used."""
        self._depth += 1
        self._values += 1
        if self._depth > _DEEPEST:
            refuse(parse_limits.DEPTH, parent)
        if self._values > self._most_values:
            refuse(self._limit, parent)

    def ascend_resolver(self) -> None:
        self._depth -= 1


def refuse(limit: ParseLimit, node: yaml.Node | None) -> NoReturn:
    """Raise the error of a document that is over a limit at a node."""
    raise InvalidYaml(START if node is None else of(node), limit.sentence, limit.hint)
