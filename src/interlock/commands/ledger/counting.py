"""Selects the changes in the history of the ledger that concern a record that counts."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from interlock.ports.git import FOLDER, SUBMODULE, FileChange, HistoryCommit, Tree

UNCOUNTED = "uncounted"
"""The kind of a change that concerns no record that counts."""


@dataclass(frozen=True, slots=True)
class Counting:
    """At each path counts the blob of `exceptions`, or else that of `tree`. All changes up to the
    commit `since` count: up to it a record needs no attestation."""

    tree: Tree
    exceptions: Mapping[str, str | None]
    since: str

    def __contains__(self, path: object) -> bool:
        return self.blob(str(path)) is not None

    def blob(self, path: str) -> str | None:
        """Return the blob that counts at a path, None for no record."""
        if path in self.exceptions:
            return self.exceptions[path]
        entry = self.tree.entries.get(path)
        return None if entry is None or entry.mode in (FOLDER, SUBMODULE) else entry.object_id

    def select(self, commits: Iterable[HistoryCommit]) -> Iterator[HistoryCommit]:
        """Mark the changes that do not count, in each commit after its parents."""
        needs_none = bool(self.since)
        for commit in commits:
            yield commit if needs_none else self._marked(commit)
            needs_none = needs_none and commit.id != self.since

    def _marked(self, commit: HistoryCommit) -> HistoryCommit:
        changes = (
            dataclasses.replace(change, kind=self._kind(change)) for change in commit.changes
        )
        return dataclasses.replace(commit, changes=tuple(changes))

    def _kind(self, change: FileChange) -> str:
        """A change of the blob that counts is a change; to write it over another one adds it."""
        blob = self.blob(change.path)
        if blob is not None and change.before == blob:
            return change.kind
        is_added = change.object_id == blob and change.mode != SUBMODULE
        return "A" if is_added else UNCOUNTED
