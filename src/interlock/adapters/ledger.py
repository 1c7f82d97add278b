"""The ledger on a branch in Git: reads the head's tree, appends by compare-and-swap. It does not
interpret records.

With a remote `origin` the ledger is the branch there. This clone stores the last head that it read
under refs/interlock/, which only moves forward: the remote-tracking branch follows a rewritten
history, since `git fetch` does so silently. Without an `origin` the ledger is the local branch.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from interlock import errors, json_documents
from interlock.domain.promotion import ledger_paths
from interlock.ports.git import MOST_RACES, WHOLE, Repository, Tree
from interlock.services import lost_races

PREVIOUS = "previous"
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


class GitLedger:
    """`pause` is called with the number of the lost attempt before the next one."""

    def __init__(
        self,
        repository: Repository,
        *,
        branch: str = "interlock-ledger",
        pause: Callable[[int], None] = lost_races.pause,
    ) -> None:
        self._repository = repository
        self._ref = f"refs/heads/{branch}"
        self._tracking = f"refs/remotes/origin/{branch}"
        self._read_ref = f"refs/interlock/{branch}"
        self._pause = pause
        self._head: str | None = None
        self._tree: Tree | None = None
        self._move(self._last_read() or repository.find_ref(self._ref))

    @property
    def head(self) -> str | None:
        return self._head

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

    def refresh(self) -> None:
        """Read the records of other writers. Raises CannotReachGit, and LedgerBroken when origin
        does not continue the history that this clone has read."""
        if self._fetch():
            self._move(self._repository.find_ref(self._read_ref))
            return
        known = self._last_read()
        if known is not None:
            raise errors.LedgerBroken(
                f"origin has no {self._ref} any more; this clone has read it at {known[:12]}",
                hint=f"push it back: git push origin {known}:{self._ref}",
            )
        self._move(self._repository.find_ref(self._ref))

    def _fetch(self) -> bool:
        # Without a plus: this clone's view may only move forward.
        refspec = f"{self._ref}:{self._read_ref}"
        for attempt in range(MOST_RACES):
            try:
                is_first = self._last_read() is None
                return self._repository.fetch(refspec, depth=1 if is_first else None)
            except errors.CannotReachGit:
                if attempt == MOST_RACES - 1:
                    raise
                self._refuse_rewritten()
                # Another process of this clone moved the ref at the same time.
                self._pause(attempt)
        raise AssertionError  # the last attempt has returned or raised

    def _refuse_rewritten(self) -> None:
        """Raise LedgerBroken if origin's ledger lacks a commit that was read, and CannotReachGit if
        origin is not reachable. Return if another try may succeed."""
        known = self._last_read()  # read before the one at origin: a push may move both
        there = self._repository.at_origin(self._ref)
        self._repository.fetch(self._ref)  # into no ref: processes of this clone would share it
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
            self._repository.fetch(self._ref, depth=WHOLE)
            return self._repository.is_ancestor(known, there)

    def _move(self, head: str | None) -> None:
        if head != self._head or self._tree is None:
            self._head = head
            self._tree = None if head is None else self._repository.tree(head)

    def read(self, path: str) -> dict[str, Any] | None:
        return self.read_many([path]).get(path)

    def read_many(self, paths: Iterable[str]) -> dict[str, dict[str, Any]]:
        documents = {path: self._parse(path, data) for path, data in self._contents(paths).items()}
        for document in documents.values():
            document.pop(PREVIOUS, None)
        return documents

    def read_bytes(self, path: str) -> bytes | None:
        return self._contents([path]).get(path)

    def _contents(self, paths: Iterable[str]) -> dict[str, bytes]:
        checked = [ledger_paths.check_path(path) for path in paths]
        return {} if self._tree is None else self._tree.read_many(checked)

    def _parse(self, path: str, data: bytes) -> dict[str, Any]:
        return _parse(data, where=f"{path} in the ledger at {str(self._head)[:12]}")

    def list(self, prefix: str) -> tuple[str, ...]:
        if self._tree is None:
            return ()
        return tuple(sorted(self._tree.named((".json",), below=prefix.rstrip("/"))))

    def children(self, folder: str) -> tuple[str, ...]:
        inside = () if self._tree is None else self._tree.children(folder.rstrip("/"))
        names = (path.rpartition("/")[2] for path in inside if not path.endswith(".png"))
        return tuple(sorted(names))

    def added(self, *, since: str) -> tuple[str, ...]:
        if self._head is None:
            return ()
        paths = self._repository.added(self._head, since=since)
        return tuple(path for path in paths if path.endswith(".json"))

    def earlier(self, paths: Mapping[str, Collection[str]]) -> dict[str, frozenset[str]]:
        contents, head = self._contents(paths), str(self._head)
        previous = {path: self._previous(path, data) for path, data in contents.items()}
        self._refuse_outside({commit for commit in previous.values() if commit})
        places = {(previous[r], p) for r, inside in paths.items() if previous[r] for p in inside}
        ids = self._repository.find(places | {(head, path) for _, path in places})
        same = {(c, p) for c, p in places if (c, p) in ids and ids[c, p] == ids.get((head, p))}
        return {
            record: frozenset(path for path in inside if (previous[record], path) in same)
            for record, inside in paths.items()
        }

    def _previous(self, path: str, data: bytes) -> str:
        """Return the commit over which a record was written; "" for the first record."""
        commit = self._parse(path, data).get(PREVIOUS, "")
        if commit is not None and not (isinstance(commit, str) and _COMMIT.fullmatch(commit)):
            raise errors.LedgerBroken(
                f"{path} does not name the commit before it", hint="interlock ledger verify"
            )
        return commit or ""

    def _refuse_outside(self, commits: set[str]) -> None:
        for commit in self._repository.outside(commits, of=str(self._head)):
            raise errors.LedgerBroken(
                f"a record names {commit[:12]} as the commit before it, which is not in the ledger",
                hint="interlock ledger verify",
            )

    def append(self, records: Mapping[str, Mapping[str, Any]], *, message: str) -> bool:
        for attempt in range(MOST_RACES):
            new = self._missing(records)
            if not new:
                return False
            if self._push(new, message):
                return True
            self._pause(attempt)
            self.refresh()
        raise errors.CannotReachGit(
            f"{self._ref} moved {MOST_RACES} times while a record was being added",
            hint=f"check that origin accepts pushes to it: git push origin <commit>:{self._ref}",
        )

    def extend(self, records: Mapping[str, Mapping[str, Any]], *, message: str) -> bool:
        new = self._missing(records)
        if not new or self._push(new, message):
            return True
        self._pause(0)
        self.refresh()
        return False

    def _push(self, new: Mapping[str, bytes], message: str) -> bool:
        """One commit over the head that was read; False when origin has moved on since."""
        commit = self._repository.commit(self._head, new, message=message)
        # Read before the push: what this clone has read by then, the pushed commit continues.
        known = self._repository.find_ref(self._read_ref)
        if not self._repository.push(commit, self._ref, expected=self._head):
            return False
        self._remember(commit, known)
        return True

    def _missing(self, records: Mapping[str, Mapping[str, Any]]) -> dict[str, bytes]:
        """Return the files that the head lacks; raises LedgerBroken for another content, and
        CannotResolve for an invalid path."""
        new: dict[str, bytes] = {}
        existing = self.read_many(records)
        for path, record in records.items():
            wanted = {key: value for key, value in record.items() if key != PREVIOUS}
            if path not in existing:
                new[path] = json_documents.text({**wanted, PREVIOUS: self._head}).encode()
            elif existing[path] != json.loads(json_documents.text(wanted)):
                raise _occupied(path)
        return new

    def _remember(self, commit: str, known: str | None) -> None:
        self._move(commit)
        if self._repository.find_ref(self._ref) == commit:
            return
        # Another process of this clone may have read a newer head.
        if not self._repository.move(self._read_ref, commit, expected=known):
            self._fetch()


def _parse(data: bytes, *, where: str) -> dict[str, Any]:
    try:
        document = json_documents.parse(data, where=where)
    except errors.CannotReadDocument as error:
        raise errors.LedgerBroken(
            error.message, hint="interlock ledger verify names the commit"
        ) from error
    if not isinstance(document, dict):
        raise errors.LedgerBroken(
            f"{where} is not a JSON object", hint="interlock ledger verify names the commit"
        )
    return document


def _occupied(path: str) -> errors.LedgerBroken:
    return errors.LedgerBroken(
        f"{path} has another content in the ledger, and records are never replaced",
        hint=f"read it: interlock ledger show {path}",
    )
