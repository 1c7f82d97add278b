"""Which records were in the ledger before another one: by the commit over which it was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from interlock import errors
from interlock.adapters.ledger.branch import PREVIOUS
from interlock.ports.git import Repository

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_Place = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOrder:
    """The order of the records at `head`. `counts` has the blobs that count instead of those in the
    tree, None for no record, and `read` returns documents by their paths."""

    repository: Repository
    head: str
    counts: Mapping[str, str | None]
    read: Callable[[Iterable[str]], Mapping[str, dict[str, Any]]]

    def earlier(self, paths: Mapping[str, Collection[str]]) -> dict[str, frozenset[str]]:
        """Return the earlier records of each one; see ports.ledger."""
        previous = self._previous(paths)
        self._refuse_outside({commit for commit in previous.values() if commit})
        places = {(previous[r], p) for r, inside in paths.items() if previous[r] for p in inside}
        earlier = self._unchanged(places) | self._disturbed(places)
        return {
            record: frozenset(path for path in inside if (previous[record], path) in earlier)
            for record, inside in paths.items()
        }

    def _unchanged(self, places: Collection[_Place]) -> set[_Place]:
        """Return the places, each a commit and a path, that have the content of now."""
        steady = {place for place in places if place[1] not in self.counts}
        ids = self.repository.find(steady | {(self.head, path) for _, path in steady})
        return {(c, p) for c, p in steady if (c, p) in ids and ids[c, p] == ids.get((self.head, p))}

    def _disturbed(self, places: Collection[_Place]) -> set[_Place]:
        """Return the places with an accepted record that a commit changed.

        A tree may lack it. It was written before a commit that follows its own `previous`, since
        Interlock writes each record over the head of the ledger.
        """
        disturbed = {path for _, path in places if self.counts.get(path) is not None}
        first = self._previous(disturbed) if disturbed else {}
        return {(c, p) for c, p in places if p in first and self._is_after(c, first[p])}

    def _is_after(self, commit: str, first: str) -> bool:
        if not first or commit == first:
            return commit != first
        self.repository.fetch_history(self.head, until=first)
        return self.repository.is_ancestor(first, commit)

    def _previous(self, paths: Iterable[str]) -> dict[str, str]:
        """Return the commits over which records were written; "" for the first record."""
        documents = self.read(paths)
        return {path: _commit_before(path, document) for path, document in documents.items()}

    def _refuse_outside(self, commits: set[str]) -> None:
        for commit in self.repository.outside(commits, of=self.head):
            raise errors.LedgerBroken(
                f"a record names {commit[:12]} as the commit before it, which is not in the ledger",
                hint="interlock ledger verify",
            )


def _commit_before(path: str, document: Mapping[str, Any]) -> str:
    commit = document.get(PREVIOUS, "")
    if commit is not None and not (isinstance(commit, str) and _COMMIT.fullmatch(commit)):
        raise errors.LedgerBroken(
            f"{path} does not name the commit before it", hint="interlock ledger verify"
        )
    return commit or ""
