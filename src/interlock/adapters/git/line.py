"""The newest commits of a line without merges, read without a process for each question."""

from __future__ import annotations

from collections.abc import Collection

from interlock.adapters.git.objects import Objects
from interlock.adapters.git.partial import Clone

# So many commits cost less than a process. A longer line is left to one.
_NEAR = 64


class Line:
    def __init__(self, clone: Clone, objects: Objects) -> None:
        self._clone, self._objects = clone, objects

    def since(self, head: str, start: str) -> tuple[str, ...] | None:
        """Return the commits from `head` down to `start`, without it; None if it is not near."""
        newest = self._newest(head, {start})
        return tuple(newest[:-1]) if newest[-1] == start else None

    def has(self, head: str, commits: Collection[str]) -> bool:
        """Return True if all commits are near below `head`; False if some may be further below."""
        left = set(commits)
        return left <= set(self._newest(head, left))

    def _newest(self, head: str, wanted: Collection[str]) -> list[str]:
        """Return the commits from `head` down to the last of the wanted ones, or as far as near."""
        newest, left, ends = [head], set(wanted) - {head}, self._clone.ends
        while left and len(newest) < _NEAR and newest[-1] not in ends:
            parents = self._objects.parents(newest[-1])
            if len(parents) != 1:
                break
            newest.append(parents[0])
            left.discard(parents[0])
        return newest
