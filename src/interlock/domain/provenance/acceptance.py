"""Accepts the records of the ledger's commits that an attestation covers, and ignores the rest.

The first attested content of a path counts for ever: a later change or removal is ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from interlock.domain.basics.refusal import Refusal
from interlock.domain.provenance.attestation import Attestation
from interlock.domain.provenance.claims import Claims
from interlock.domain.provenance.token_rules import TokenRules

AREA = "attestations"
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
    """A commit of the ledger with its changes; `attestation` is the one that it added for itself,
    or the reason why there is none."""

    id: str
    parents: tuple[str, ...]
    changes: tuple[Change, ...]
    attestation: Attestation | Refusal


@dataclass(slots=True)
class AcceptedRecords:
    """`records` maps each accepted new path to its blob, and `touched` are all paths that commits
    changed. `ignored` lists (commit, path, reason)."""

    records: dict[str, str] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    ignored: list[tuple[str, str, str]] = field(default_factory=list)


def path_of(previous: str | None) -> str:
    """Return the path of the attestation of a commit over `previous`."""
    # Folders, because Git writes the whole list of a folder with each commit.
    return f"{AREA}/p{(previous or '')[:2]}/{previous or 'first'}.json"


def subject(previous: str | None, records: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """Return the document that an attestation of a commit is of: path to (kind, SHA-256)."""
    listed = [{"kind": k, "path": p, "sha256": h} for p, (k, h) in sorted(records.items())]
    return {"format": FORMAT, "previous": previous, "records": listed}


def accept(
    commits: Iterable[Commit],
    *,
    rules: TokenRules,
    read: Read,
    is_free: Callable[[str], bool],
    with_shown: bool = False,
) -> AcceptedRecords:
    """Return what the commits add to the accepted records, the oldest commit first.

    `is_free` is False for a path with an accepted record before these commits. A merge commit adds
    nothing. `with_shown` also accepts the records that only a report may show.
    """
    result, newest = AcceptedRecords(), 0
    for commit in commits:
        result.touched.update(change.path for change in commit.changes)
        claims = _claims(commit, read, newest)
        if isinstance(claims, Claims):
            newest = max(newest, claims.iat)
        covered = _covered(commit)
        for change in commit.changes:
            refusal = _check(change, covered, claims, rules, with_shown)
            if refusal is None and (change.path in result.records or not is_free(change.path)):
                refusal = Refusal("the path has an earlier attested record")
            if refusal is None:
                result.records[change.path] = str(change.blob)
            else:
                result.ignored.append((commit.id, change.path, refusal.reason))
    return result


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


def _covered(commit: Commit) -> frozenset[tuple[str, str, str]]:
    """Return (kind, path, SHA-256) of the records in the attestation's document."""
    if isinstance(commit.attestation, Refusal):
        return frozenset()
    records = commit.attestation.audience_of.get("records")
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
    with_shown: bool,
) -> Refusal | None:
    if isinstance(claims, Refusal):
        return claims
    if change.blob is None:
        return Refusal("a record cannot be removed")
    if change.path == AREA or change.path.startswith(f"{AREA}/"):
        return None
    if (change.kind, change.path, change.sha256) not in covered:
        return Refusal("the attestation of its commit does not cover it")
    return rules.check(claims, kind=change.kind, with_shown=with_shown)
