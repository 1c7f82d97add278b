"""Accepts the records of the ledger's commits that an attestation covers, and ignores the rest.

The first attested content of a path counts for ever: a later change or removal is ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from interlock.domain.basics.refusal import Refusal
from interlock.domain.provenance import areas
from interlock.domain.provenance.attestation import Attestation
from interlock.domain.provenance.claims import Claims
from interlock.domain.provenance.token_rules import TokenRules

FORMAT = "ledger-commit.v1"
_CLOCKS_SECONDS = 300
"""Two clocks of GitHub may differ by this much."""

Read = Callable[[Attestation], Claims | Refusal]
"""Returns the claims of a token with a valid signature over its document, or the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A file that a commit added, changed or removed (then `blob` is None). `kind` is the schema
    of its record, "" without one; `sha256` is of its bytes."""

    path: str
    blob: str | None
    kind: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit of the ledger with its changes to its first parent; `attestation` is the one that it
    added for itself, or the reason why there is none."""

    id: str
    parents: tuple[str, ...]
    changes: tuple[Change, ...]
    attestation: Attestation | Refusal


@dataclass(frozen=True, slots=True)
class IgnoredRecord:
    """A change of the ledger that does not count, and the reason."""

    commit: str
    path: str
    reason: str


@dataclass(slots=True, kw_only=True)
class AcceptedRecords:
    """`records` maps each accepted new path to its blob, `shown` each path that only a report may
    show, and `disturbed` each accepted path that a commit tried to change. `newest` is the time of
    the newest token."""

    records: dict[str, str] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    disturbed: dict[str, str] = field(default_factory=dict)
    ignored: list[IgnoredRecord] = field(default_factory=list)
    newest: int = 0


def path_of(previous: str | None) -> str:
    """Return the path of the attestation of a commit over `previous`."""
    # Folders, because Git writes the whole list of a folder with each commit.
    return f"{areas.ATTESTATIONS}/p{(previous or '')[:2]}/{previous or 'first'}.json"


def subject(previous: str | None, records: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """Return the document that an attestation of a commit is of: path to (kind, SHA-256)."""
    listed = [{"kind": k, "path": p, "sha256": h} for p, (k, h) in sorted(records.items())]
    return {"format": FORMAT, "previous": previous, "records": listed}


def accept(
    commits: Iterable[Commit],
    *,
    rules: TokenRules,
    read: Read,
    before: Callable[[str], str | None],
    newest: int = 0,
) -> AcceptedRecords:
    """Return what the commits add to the accepted records, each commit after its parents.

    `before` returns the accepted blob of a path before these commits, and `newest` is the time of
    the newest token before them. A merge commit adds nothing.
    """
    result = AcceptedRecords(newest=newest)
    for commit in commits:
        claims = _claims(commit, read, result.newest)
        if isinstance(claims, Claims):
            result.newest = max(result.newest, claims.iat)
        covered = covered_by(commit.attestation)
        for change in commit.changes:
            known = result.records.get(change.path) or before(change.path)
            if known is not None and known == change.blob:
                continue
            refusal = _check(change, covered, claims, rules)
            if refusal is None and known is None:
                result.records[change.path] = str(change.blob)
            else:
                _ignore(result, commit, change, known, refusal)
            if known is None and refusal and _is_shown(change, covered, claims, rules):
                result.shown.setdefault(change.path, str(change.blob))
    return result


def _ignore(
    result: AcceptedRecords,
    commit: Commit,
    change: Change,
    known: str | None,
    refusal: Refusal | None,
) -> None:
    if known is not None:
        result.disturbed[change.path] = known
    if not areas.is_attestation(change.path):
        reason = "the path has an earlier attested record" if refusal is None else refusal.reason
        result.ignored.append(IgnoredRecord(commit.id, change.path, reason))


def _claims(commit: Commit, read: Read, newest: int) -> Claims | Refusal:
    """Return the claims of the attestation of a commit, or the reason why it has none."""
    if len(commit.parents) > 1:
        return Refusal("a merge commit adds no record")
    if isinstance(commit.attestation, Refusal):
        return commit.attestation
    document = commit.attestation.audience_of
    parent = commit.parents[0] if commit.parents else None
    if document.get("format") != FORMAT or document.get("previous", "") != parent:
        return Refusal("its attestation is of another commit")
    claims = read(commit.attestation)
    if isinstance(claims, Claims) and claims.iat < newest - _CLOCKS_SECONDS:
        return Refusal("its token is older than the record before it")
    return claims


def covered_by(attestation: Attestation | Refusal) -> frozenset[tuple[str, str, str]]:
    """Return (kind, path, SHA-256) of the records in the document of an attestation."""
    records = None if isinstance(attestation, Refusal) else attestation.audience_of.get("records")
    rows = [row for row in records if isinstance(row, Mapping)] if isinstance(records, list) else []
    names = ("kind", "path", "sha256")
    return frozenset(
        (row["kind"], row["path"], row["sha256"])
        for row in rows
        if all(isinstance(row.get(name), str) for name in names)
    )


def _check(
    change: Change,
    covered: frozenset[tuple[str, str, str]],
    claims: Claims | Refusal,
    rules: TokenRules,
    *,
    with_shown: bool = False,
) -> Refusal | None:
    if isinstance(claims, Refusal):
        return claims
    if change.blob is None:
        return Refusal("a record cannot be removed")
    if areas.is_attestation(change.path):
        return None
    if (change.kind, change.path, change.sha256) not in covered:
        return Refusal("the attestation of its commit does not cover it")
    return rules.check(claims, kind=change.kind, with_shown=with_shown)


def confirm(
    attestation: Attestation,
    *,
    kind: str,
    path: str,
    sha256: str,
    rules: TokenRules,
    read: Read,
) -> Claims | Refusal:
    """Return the claims of an attestation that covers one record, also in another commit."""
    if attestation.audience_of.get("format") != FORMAT:
        return Refusal("its attestation is of another format")
    if (kind, path, sha256) not in covered_by(attestation):
        return Refusal("its attestation does not cover it")
    claims = read(attestation)
    if isinstance(claims, Claims):
        return rules.check(claims, kind=kind) or claims
    return claims


def _is_shown(
    change: Change,
    covered: frozenset[tuple[str, str, str]],
    claims: Claims | Refusal,
    rules: TokenRules,
) -> bool:
    return _check(change, covered, claims, rules, with_shown=True) is None
