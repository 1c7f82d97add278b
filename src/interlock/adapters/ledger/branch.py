"""The ledger's branch at origin, of which this clone stores the last head that it read.

The stored ref under refs/interlock/ only moves forward: the remote-tracking branch follows a
rewritten history, since `git fetch` does so silently. Without an `origin` the branch is local.
"""

from __future__ import annotations

from collections.abc import Callable

from interlock import errors
from interlock.ports.git import MOST_RACES, WHOLE, Repository

PREVIOUS = "previous"
"""The field of each record with the commit over which it was written."""


class LedgerBranch:
    """`pause` is called with the number of the lost attempt before the next one."""

    def __init__(self, repository: Repository, name: str, *, pause: Callable[[int], None]) -> None:
        self._repository = repository
        self.name, self.ref = name, f"refs/heads/{name}"
        self._tracking = f"refs/remotes/origin/{name}"
        self._read_ref = f"refs/interlock/{name}"
        self.pause = pause

    def known_head(self) -> str | None:
        """Return the head without a request to origin."""
        return self._last_read() or self._repository.find_ref(self.ref)

    def _last_read(self) -> str | None:
        """Return the last head of origin that this clone has: the newer of its two refs."""
        known = self._repository.find_ref(self._read_ref)
        tracked = self._repository.find_ref(self._tracking)
        if known is None or tracked is None or known == tracked:
            return known or tracked
        try:
            return tracked if self._repository.is_ancestor(known, tracked) else known
        except errors.CannotReachGit:  # a shallow clone: `refresh` finds it out
            return known

    def fetch_head(self) -> str | None:
        """Fetch the records of other writers; raises as `Ledger.refresh`."""
        if self._fetch():
            return self._repository.find_ref(self._read_ref)
        known = self._last_read()
        if known is not None:
            raise errors.LedgerBroken(
                f"origin has no {self.ref} any more; this clone has read it at {known[:12]}",
                hint=f"push it back: git push origin {known}:{self.ref}",
            )
        return self._repository.find_ref(self.ref)

    def _fetch(self) -> bool:
        # Without a plus: this clone's view may only move forward.
        refspec = f"{self.ref}:{self._read_ref}"
        for attempt in range(MOST_RACES):
            try:
                is_first = self._last_read() is None
                return self._repository.fetch(refspec, depth=1 if is_first else None)
            except errors.CannotReachGit:
                if attempt == MOST_RACES - 1:
                    raise
                self._refuse_rewritten()
                # Another process of this clone moved the ref at the same time.
                self.pause(attempt)
        raise AssertionError  # the last attempt has returned or raised

    def _refuse_rewritten(self) -> None:
        """Raise LedgerBroken if origin's ledger lacks a commit that was read, and CannotReachGit if
        origin is not reachable. Return if another try may succeed."""
        known = self._last_read()  # read before the one at origin: a push may move both
        there = self._repository.at_origin(self.ref)
        try:
            self._repository.fetch(self.ref)  # into no ref: processes of this clone would share it
        except errors.CannotReachGit:  # Git itself moves the remote-tracking branch, as they do
            return
        if known and there and not self._continues(known, there):
            raise errors.LedgerBroken(
                f"the ledger at origin ({there[:12]}) does not continue {known[:12]}, which this "
                "clone has read: its history was rewritten",
                hint=f"compare them: git log {there[:12]}..{known[:12]}",
            )

    def _continues(self, known: str, there: str) -> bool:
        try:
            return self._repository.is_ancestor(known, there)
        except errors.CannotReachGit:  # the history of a shallow clone ends between the two
            self._repository.fetch(self.ref, depth=WHOLE)
            return self._repository.is_ancestor(known, there)

    def push(self, commit: str, *, expected: str | None) -> bool:
        """Push a commit over the head that was read; False when origin has moved on since."""
        # Read before the push: what this clone has read by then, the pushed commit continues.
        known = self._repository.find_ref(self._read_ref)
        if not self._repository.push(commit, self.ref, expected=expected):
            return False
        # Another process of this clone may have read a newer head.
        if self._repository.find_ref(self.ref) != commit and not self._repository.move(
            self._read_ref, commit, expected=known
        ):
            self._fetch()
        return True
