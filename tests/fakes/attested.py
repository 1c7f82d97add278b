"""What counts in the ledger in memory: computed again from its first commit at each question."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from interlock import documents, errors
from interlock.domain.basics.refusal import Refusal
from interlock.domain.provenance import (
    acceptance,
    attestation,
    record_content,
    verification,
    verified_ledger,
)
from interlock.domain.provenance.acceptance import Change, Commit
from interlock.domain.provenance.attestation import Attestation
from interlock.domain.provenance.verification import Verification
from interlock.domain.provenance.verified_ledger import (
    VerificationFile,
    VerifiedLedger,
)
from interlock.ports.provenance import LedgerProvenance

if TYPE_CHECKING:
    from tests.fakes.ledger import Origin

Files = Mapping[str, bytes]


def accepted(origin: Origin, head: str | None, rules: LedgerProvenance, *, shown: bool) -> Files:
    """The files that count at a head."""
    state = verify(origin, head, rules)
    contents = {blob(data): data for tree in origin.trees.values() for data in tree.values()}
    instead = {**state.exceptions, **(state.shown if shown else {})}
    kept = {path: data for path, data in origin.tree(head).items() if path not in instead}
    return kept | {path: contents[each] for path, each in instead.items() if each is not None}


def verify(origin: Origin, head: str | None, rules: LedgerProvenance) -> VerifiedLedger:
    heads = origin.heads[: origin.heads.index(head) + 1] if head else []
    state = _start(origin, heads, rules)
    if state.head is not None and state.head not in heads:
        raise errors.LedgerBroken(f"the ledger does not contain {state.head}")
    if head is None or state.head == head:
        return state
    before, after = origin.tree(state.head), origin.tree(head)
    return verified_ledger.advance(
        state,
        head,
        _commits(origin, heads[heads.index(state.head) + 1 if state.head else 0 :]),
        rules=rules.rules,
        read=rules.reader.read,
        find_blob=lambda path: _blob(before, path),
        differing={
            path: (_blob(before, path), _blob(after, path))
            for path in {*before, *after}
            if before.get(path) != after.get(path)
        },
    )


def _start(origin: Origin, heads: Sequence[str], rules: LedgerProvenance) -> VerifiedLedger:
    newest = verified_ledger.begin_at_newest(
        _verifications(origin, heads),
        since=rules.since,
        rules=rules.rules,
        read=rules.reader.read,
    )
    return newest or verified_ledger.begin(rules.since)


def _verifications(origin: Origin, heads: Sequence[str]) -> Iterator[VerificationFile]:
    for commit in reversed(_commits(origin, heads)):
        for change in commit.changes:
            if change.kind != verification.KIND or isinstance(commit.attestation, Refusal):
                continue
            document = json.loads(origin.trees[commit.id][change.path])
            noun = documents.load(document, Verification, where=change.path)
            yield VerificationFile(noun, change.path, change.sha256, commit.attestation)


def _commits(origin: Origin, heads: Sequence[str]) -> list[Commit]:
    return [_commit(origin, head) for head in heads]


def _commit(origin: Origin, head: str) -> Commit:
    place = origin.heads.index(head)
    parent = origin.heads[place - 1] if place else None
    before, after = origin.tree(parent), origin.tree(head)
    changed = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
    own: Attestation | Refusal = Refusal("it has no attestation")
    if acceptance.path_of(parent) in changed:
        own = attestation.read(after.get(acceptance.path_of(parent), b""))
    return Commit(
        id=head,
        parents=() if parent is None else (parent,),
        changes=tuple(_change(path, after.get(path)) for path in changed),
        attestation=own,
    )


def _change(path: str, data: bytes | None) -> Change:
    if data is None:
        return Change(path=path, blob=None)
    kind, sha256 = record_content.describe(data)
    return Change(path=path, blob=blob(data), kind=kind, sha256=sha256)


def _blob(tree: Files, path: str) -> str | None:
    return blob(tree[path]) if path in tree else None


@functools.cache
def blob(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()
