"""What counts in a ledger at one commit, and the records that say so to later readers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from interlock.domain.provenance import acceptance, areas, verification
from interlock.domain.provenance.acceptance import AcceptedRecords, Commit, IgnoredRecord, Read
from interlock.domain.provenance.attestation import Attestation
from interlock.domain.provenance.claims import Claims
from interlock.domain.provenance.token_rules import TokenRules
from interlock.domain.provenance.verification import Verification

_UNCHANGED: tuple[str | None, str | None] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedLedger:
    """The accepted records at `head`: its tree, except that at a path of `exceptions` this blob
    counts, None for no record. A report may show `shown` too.

    The exceptions name every accepted record that a commit tried to change, also if its content is
    back. `since` is that of the policy and `base` the last verification. After its commit follow
    `news` commits, of which `ignored` are the changes that do not count; `newest` is the time of
    the newest token.
    """

    head: str | None = None
    since: str = ""
    base: Verification | None = None
    exceptions: Mapping[str, str | None] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[IgnoredRecord, ...] = ()
    news: int = 0
    newest: int = 0


def begin(since: str) -> VerifiedLedger:
    """Return the state in which nothing is verified: all up to `since` is accepted."""
    return VerifiedLedger(head=since or None, since=since)


@dataclass(frozen=True, slots=True)
class VerificationFile:
    """A verification as it was read at a path, with the SHA-256 of its file."""

    verification: Verification
    path: str
    sha256: str
    attestation: Attestation


def begin_at_newest(
    files: Iterable[VerificationFile],
    *,
    since: str,
    rules: TokenRules,
    read: Read,
    after: Verification | None = None,
) -> VerifiedLedger | None:
    """Return the state that the first valid one of these files confirms; None without one.

    It must be attested, of the same `since`, and newer than `after`. Its place in the history does
    not matter: its content is true for ever.
    """
    for file in files:
        base = file.verification
        is_newer = after is None or base.number > after.number
        if base.since != since or not is_newer:
            continue
        claims = acceptance.confirm(
            file.attestation,
            kind=verification.KIND,
            path=file.path,
            sha256=file.sha256,
            rules=rules,
            read=read,
        )
        if isinstance(claims, Claims):
            return VerifiedLedger(
                head=base.verified_through,
                since=since,
                base=base,
                exceptions=base.ignored,
                shown=base.shown,
                newest=claims.iat,
            )
    return None


def advance(
    state: VerifiedLedger,
    head: str,
    commits: Sequence[Commit],
    *,
    rules: TokenRules,
    read: Read,
    find_blob: Callable[[str], str | None],
    differing: Mapping[str, tuple[str | None, str | None]],
) -> VerifiedLedger:
    """Return the state at a later head, after these commits, each after its parents.

    `find_blob` returns the blob of a path in the tree of the state's head, and `differing` has both
    blobs of each path at which the trees of the two heads differ: only they show what a merge did.
    """

    def before(path: str) -> str | None:
        return state.exceptions[path] if path in state.exceptions else find_blob(path)

    accepted = acceptance.accept(
        commits, rules=rules, read=read, before=before, newest=state.newest
    )
    exceptions = dict(_exceptions(state, accepted, differing))
    shown = {**accepted.shown, **state.shown}
    return dataclasses.replace(
        state,
        head=head,
        exceptions=exceptions,
        shown={p: blob for p, blob in shown.items() if exceptions.get(p, "") is None},
        ignored=(*state.ignored, *accepted.ignored),
        news=state.news + sum(map(_is_news, commits)),
        newest=accepted.newest,
    )


def _exceptions(
    state: VerifiedLedger,
    accepted: AcceptedRecords,
    differing: Mapping[str, tuple[str | None, str | None]],
) -> Iterator[tuple[str, str | None]]:
    known = {**state.exceptions, **accepted.disturbed, **accepted.records}
    for path in {*differing, *known}:
        before, after = differing.get(path, _UNCHANGED)
        blob = known.get(path, before)
        was_disturbed = path in accepted.disturbed or state.exceptions.get(path) is not None
        if blob != after or was_disturbed:
            yield path, blob


def _is_news(commit: Commit) -> bool:
    return len(commit.parents) > 1 or not all(areas.is_own(c.path) for c in commit.changes)


def record(state: VerifiedLedger, *, number: int, at: str) -> Verification | None:
    """Return the record of a state; None without a commit after the last verification."""
    if state.head is None or not state.news:
        return None
    return Verification(
        number, state.head, state.since, dict(state.exceptions), dict(state.shown), at
    )
