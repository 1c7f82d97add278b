"""YAML text to nodes over libyaml, counted as they are composed; what a node means is not known.

The composer (in C) recurses, and a text that only nests would end the process: it is stopped at a
limit before it goes down, where every node is begun.
"""

from __future__ import annotations

from typing import Any, NoReturn

import yaml

from interlock.domain.basics import parse_limits
from interlock.domain.basics.parse_limits import ParseLimit, Size
from interlock.manifests.error_collector import Complaint
from interlock.manifests.positions import START, of

_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Composer(_Safe):  # type: ignore[misc]
    """Composes one document; raises a Complaint for more values than its size allows, or more
    deeply nested ones than any."""

    def __init__(self, text: str, *, size: Size) -> None:
        super().__init__(text)
        self._limit = size.values
        self._most_values = size.values.most
        self._depth = 0
        self._values = 0

    def descend_resolver(self, parent: yaml.Node | None, index: object) -> None:
        """Called as each node begins, an alias apart. libyaml's path resolvers are not used."""
        self._depth += 1
        self._values += 1
        if self._depth > _DEEPEST:
            refuse(parse_limits.DEPTH, parent)
        if self._values > self._most_values:
            refuse(self._limit, parent)

    def ascend_resolver(self) -> None:
        self._depth -= 1


_DEEPEST = parse_limits.DEPTH.most


def refuse(limit: ParseLimit, node: yaml.Node | None) -> NoReturn:
    """Raise the refusal of a document that goes over a limit, at or inside a node."""
    raise Complaint(START if node is None else of(node), limit.sentence, limit.hint)
