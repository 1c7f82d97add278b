"""The port of the memos of earlier plans: bytes that only this version of Interlock reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class PlanMemos(Protocol):
    @property
    def fewest(self) -> int:
        """For fewer models, a memo costs more than it saves."""
        ...

    def read(self, commits: Sequence[str]) -> bytes | None:
        """Return the memo of the first of these commits that has one, else the newest memo; None
        without one that this version wrote, and that no other user can have changed."""
        ...

    def has(self, commit: str) -> bool:
        """Return True if `read` can return the memo of this commit."""
        ...

    def write(self, commit: str, data: bytes) -> None:
        """Store the memo of a commit, all of it or nothing; older ones may be removed."""
        ...
