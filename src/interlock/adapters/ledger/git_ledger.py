"""Reads and appends records on the ledger's branch; does not interpret them."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from interlock import errors, json_documents
from interlock.adapters.ledger.branch import PREVIOUS, LedgerBranch
from interlock.domain.promotion import ledger_paths
from interlock.ports.git import MOST_RACES, Repository, Tree
from interlock.services import lost_races

if TYPE_CHECKING:
    from interlock.adapters.ledger.accepted_tree import AcceptedTree
    from interlock.domain.provenance.acceptance import IgnoredRecord
    from interlock.domain.provenance.verified_ledger import VerifiedLedger
    from interlock.ports.provenance import LedgerProvenance


class GitLedger:
    """`pause` is called with the number of the lost attempt before the next one. `provenance` is
    called before the first read or write; None means that records need no attestation. A report
    reads `with_shown`, which are records of a fork's candidate too. `warn` gets each change that
    does not count, once."""

    def __init__(
        self,
        repository: Repository,
        *,
        branch: str = "interlock-ledger",
        pause: Callable[[int], None] = lost_races.pause,
        provenance: Callable[[], LedgerProvenance | None] = lambda: None,
        with_shown: bool = False,
        warn: Callable[[Sequence[IgnoredRecord]], None] = lambda _: None,
    ) -> None:
        self._repository = repository
        self._branch = LedgerBranch(repository, branch, pause=pause)
        self._find_provenance, self._with_shown, self._warn = provenance, with_shown, warn
        self._verified: VerifiedLedger | None = None
        self._head = self._branch.known_head()

    @property
    def branch(self) -> str:
        return self._branch.name

    @property
    def head(self) -> str | None:
        return self._head

    @functools.cached_property
    def _provenance(self) -> LedgerProvenance | None:
        return self._find_provenance()

    @property
    def verified(self) -> VerifiedLedger | None:
        if self._provenance is None:
            return None
        from interlock.adapters.ledger.verifier import Verifier  # noqa: PLC0415 - only if required

        if self._head is None:
            return Verifier(self._repository, self._provenance).begin()
        if self._verified is None or self._verified.head != self._head:
            verifier = Verifier(self._repository, self._provenance)
            known = self._verified
            self._verified = verifier.verify(self._head, known)
            self._tell(known.ignored if known else ())
        return self._verified

    def _tell(self, known: Collection[IgnoredRecord]) -> None:
        ignored = self._verified.ignored if self._verified else ()
        new = [each for each in ignored if each not in known]
        if new:
            self._warn(new)

    def refresh(self) -> None:
        """Read the records of other writers. Raises CannotReachGit, and LedgerBroken when origin
        does not continue the history that this clone has read."""
        self._move(self._branch.fetch_head())

    def _move(self, head: str | None) -> None:
        if head != self._head:
            self._head = head
            self.__dict__.pop("_tree", None)

    @functools.cached_property
    def _tree(self) -> Tree | AcceptedTree | None:
        if self._head is None:
            return None
        tree, counts = self._repository.tree(self._head), self._counts
        if not counts:
            return tree
        from interlock.adapters.ledger.accepted_tree import AcceptedTree  # noqa: PLC0415 - as above

        return AcceptedTree(tree, counts, self._repository.contents)

    @property
    def _counts(self) -> Mapping[str, str | None]:
        """The blobs that count instead of those of the head, by their paths."""
        verified = self.verified
        if verified is None:
            return {}
        return {**verified.exceptions, **(verified.shown if self._with_shown else {})}

    def read(self, path: str) -> dict[str, Any] | None:
        return self.read_many([path]).get(path)

    def read_many(self, paths: Iterable[str]) -> dict[str, dict[str, Any]]:
        documents = self._documents(paths)
        for document in documents.values():
            document.pop(PREVIOUS, None)
        return documents

    def read_bytes(self, path: str) -> bytes | None:
        return self._contents([path]).get(path)

    def _documents(self, paths: Iterable[str]) -> dict[str, dict[str, Any]]:
        where = f"in the ledger at {str(self._head)[:12]}"
        return {
            path: _parse(data, where=f"{path} {where}")
            for path, data in self._contents(paths).items()
        }

    def _contents(self, paths: Iterable[str]) -> dict[str, bytes]:
        checked = [ledger_paths.check_path(path) for path in paths]
        return {} if self._tree is None else self._tree.read_many(checked)

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
        # Of records that do not count, one at the same path may count: then it is a change, and
        # on the line of another parent.
        every_line = self._provenance is not None
        listed = self._repository.added(self._head, since=since, every_line=every_line)
        records = tuple(filter(ledger_paths.is_record, listed))
        return records if self._provenance is None else self._existing(records)

    def _existing(self, paths: Collection[str]) -> tuple[str, ...]:
        own = {path for _, path in self._repository.find((str(self._head), p) for p in paths)}
        counts = self._counts
        return tuple(p for p in paths if (counts[p] is not None if p in counts else p in own))

    def earlier(self, paths: Mapping[str, Collection[str]]) -> dict[str, frozenset[str]]:
        from interlock.adapters.ledger.record_order import RecordOrder  # noqa: PLC0415 - not to plan

        order = RecordOrder(
            repository=self._repository,
            head=str(self._head),
            counts=self._counts,
            read=self._documents,
        )
        return order.earlier(paths)

    def append(self, records: Mapping[str, Mapping[str, Any]], *, message: str) -> bool:
        for attempt in range(MOST_RACES):
            new = self._missing(records)
            if not new:
                return False
            if self._push(new, message):
                return True
            self._branch.pause(attempt)
            self.refresh()
        ref = self._branch.ref
        raise errors.CannotReachGit(
            f"{ref} moved {MOST_RACES} times while a record was being added",
            hint=f"check that origin accepts pushes to it: git push origin <commit>:{ref}",
        )

    def extend(self, records: Mapping[str, Mapping[str, Any]], *, message: str) -> bool:
        new = self._missing(records)
        if not new or self._push(new, message):
            return True
        self._branch.pause(0)
        self.refresh()
        return False

    def _push(self, new: Mapping[str, bytes], message: str) -> bool:
        """One commit over the head that was read; False when origin has moved on since."""
        if self._provenance is not None:
            from interlock.services import attested_files  # noqa: PLC0415 - only if required

            new = attested_files.attested(new, previous=self._head, provenance=self._provenance)
        commit = self._repository.commit(self._head, new, message=message)
        if not self._branch.push(commit, expected=self._head):
            return False
        self._move(commit)
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
