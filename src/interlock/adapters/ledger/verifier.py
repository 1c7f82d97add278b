"""Verifies the commits of the ledger since the last verification, or since the policy's commit."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from interlock import errors, json_documents
from interlock.adapters.ledger import attested_commits
from interlock.domain.basics import digests
from interlock.domain.basics.refusal import Refusal
from interlock.domain.provenance import (
    acceptance,
    areas,
    attestation,
    verification,
    verified_ledger,
)
from interlock.domain.provenance.acceptance import Commit
from interlock.domain.provenance.attestation import Attestation
from interlock.domain.provenance.verification import Verification
from interlock.domain.provenance.verified_ledger import VerificationFile, VerifiedLedger
from interlock.ports.git import FOLDER, SUBMODULE, Repository, Tree
from interlock.ports.provenance import LedgerProvenance

_RECORD = re.compile(rf"{areas.VERIFICATIONS}/ledger/[0-9]{{8}}\.json")
_AT_ONCE = 8
_MOST_AT_START = 64
"""Files without an attestation may be in front of the newest verification: the walk finds it."""


@dataclass(frozen=True, slots=True)
class Verifier:
    repository: Repository
    provenance: LedgerProvenance

    def verify(self, head: str, known: VerifiedLedger | None) -> VerifiedLedger:
        """Return what counts at a head of which an ancestor may be `known`.

        Raises LedgerBroken if the history lacks a commit that was verified, and CannotReachIssuer.
        """
        state = known or self._start(head)
        while state.head != head:
            self._require_history(head, state)
            commits = attested_commits.read(self.repository, head, since=state.head)
            newer = self._newest(self._recorded(commits), after=state.base)
            if newer is None:
                return self._advance(state, head, commits)
            # An older record is first if a commit removed this one.
            state = newer
        return state

    def confirm(self, head: str) -> VerifiedLedger:
        """Return what counts at a head, from the last verification whose commit it has."""
        self.repository.fetch_history(head)
        files = _in_tree(self.repository.tree(head))
        known = (f for f in files if self._has(head, f.verification.verified_through))
        since = self.provenance.since
        first = since if since and self._has(head, since) else ""
        state = self._newest(known) or verified_ledger.begin(first)
        commits = attested_commits.read(self.repository, head, since=state.head)
        return self._advance(state, head, commits)

    def _advance(
        self, state: VerifiedLedger, head: str, commits: Sequence[Commit]
    ) -> VerifiedLedger:
        tree = None if state.head is None else self.repository.tree(state.head)
        return verified_ledger.advance(
            state,
            head,
            commits,
            rules=self.provenance.rules,
            read=self.provenance.reader.read,
            find_blob=lambda path: None if tree is None else _blob(tree, path),
            differing=self.repository.differences(state.head, head),
        )

    def begin(self) -> VerifiedLedger:
        """Return the state before the first record."""
        return verified_ledger.begin(self.provenance.since)

    def _start(self, head: str) -> VerifiedLedger:
        """Return the state of the newest verification in the tree of the head that is attested."""
        newest = self._newest(_in_tree(self.repository.tree(head), most=_MOST_AT_START))
        return newest or self.begin()

    def _newest(
        self, files: Iterable[VerificationFile], *, after: Verification | None = None
    ) -> VerifiedLedger | None:
        return verified_ledger.begin_at_newest(
            files,
            since=self.provenance.since,
            rules=self.provenance.rules,
            read=self.provenance.reader.read,
            after=after,
        )

    def _recorded(self, commits: Sequence[Commit]) -> Iterator[VerificationFile]:
        """Yield the verifications that commits wrote, the newest first."""
        for commit in reversed(commits):
            for change in commit.changes:
                if change.kind == verification.KIND:
                    data = next(self.repository.contents([str(change.blob)]))
                    yield from _file(change.path, data, commit.attestation)

    def _require_history(self, head: str, state: VerifiedLedger) -> None:
        self.repository.fetch_history(head, until=state.head)
        if state.head is None or self._has(head, state.head):
            return
        reason = "that the policy's provenance_since names"
        if state.base is not None:
            reason = "through which it was verified: its history was rewritten"
        raise errors.LedgerBroken(
            f"the ledger at {head[:12]} does not contain {state.head[:12]}, {reason}",
            hint="interlock ledger recover",
        )

    def _has(self, head: str, commit: str) -> bool:
        is_here = self.repository.find_ref(commit) is not None
        return is_here and self.repository.is_ancestor(commit, head)


def _in_tree(tree: Tree, *, most: int | None = None) -> Iterator[VerificationFile]:
    """Yield the verifications in a tree that have an attestation there, the newest first, of the
    `most` newest files."""
    names = tree.named((".json",), below=f"{areas.VERIFICATIONS}/ledger")
    newest_first = iter(sorted(filter(_RECORD.fullmatch, names), reverse=True)[:most])
    while some := list(itertools.islice(newest_first, _AT_ONCE)):
        records = tree.read_many(some)
        places = {path: acceptance.path_of(_previous(data)) for path, data in records.items()}
        attestations = tree.read_many(places.values())
        for path, data in records.items():
            attested = attestation.read(attestations.get(places[path], b""))
            yield from _file(path, data, attested)


def _previous(data: bytes) -> str | None:
    try:
        document = json_documents.parse(data, where="")
    except errors.CannotReadDocument:
        return None
    previous = document.get("previous") if isinstance(document, dict) else None
    return previous if isinstance(previous, str) else None


def _file(path: str, data: bytes, attested: Attestation | Refusal) -> Iterator[VerificationFile]:
    """Yield the verification in a file with an attestation; nothing for other content."""
    kind, schema = Verification, verification.KIND
    with contextlib.suppress(errors.CannotReadDocument):
        document = json_documents.parse(data, where=path)
        noun = json_documents.load(document, kind, schema=schema, where=path)
        if isinstance(attested, Attestation):
            yield VerificationFile(noun, path, digests.of_chunks([data]), attested)


def _blob(tree: Tree, path: str) -> str | None:
    entry = tree.entries.get(path)
    return None if entry is None or entry.mode in (FOLDER, SUBMODULE) else entry.object_id
