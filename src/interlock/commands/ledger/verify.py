"""`ledger verify`: checks that no record that counts was changed, and that every promotion has its
proof."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interlock import errors
from interlock.commands.ledger import LedgerContext, history
from interlock.commands.ledger.counting import Counting
from interlock.commands.ledger.earlier import TreeRecords
from interlock.domain.basics import commit_ids
from interlock.domain.model.manifest import Manifest
from interlock.domain.promotion import ledger_audit
from interlock.domain.promotion.ledger_commit import LedgerCommit, Violation
from interlock.domain.promotion.promotion_audit import Find
from interlock.domain.provenance.acceptance import IgnoredRecord
from interlock.ports.git import Repository

if TYPE_CHECKING:
    from interlock.services.snapshots import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOptions:
    """`against` is an earlier head of the ledger, which the history must contain. `since` is one,
    too, up to which the history is known to be valid: only later commits are checked."""

    against: str | None = None
    since: str | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """`commits` is the number of checked commits, `since` the one before the first of them, `head`
    the last one. Without violations it is valid. `ignored` are the changes after the last
    verification that do not count, since they have no valid attestation."""

    head: str | None
    since: str | None
    commits: int
    violations: tuple[Violation, ...]
    ignored: tuple[IgnoredRecord, ...] = ()


class _Counted:
    """Commits, and the number of those that were read."""

    def __init__(self, commits: Iterable[LedgerCommit]) -> None:
        self._commits = commits
        self.number = 0

    def __iter__(self) -> Iterator[LedgerCommit]:
        for commit in self._commits:
            self.number += 1
            yield commit


def run(context: LedgerContext, options: VerifyOptions) -> Audit:
    """Check the history; raises CannotResolve when `against` or `since` is not a revision here.

    A history that does not contain `since` is checked as a whole.
    """
    repository, head = context.repository, context.ledger.head
    names = [name for name in (options.against, options.since) if name is not None]
    if head is not None:
        _fetch_history(repository, head, names, is_whole=options.since is None)
    known = [repository.resolve(name) for name in names]
    broken = [commit for commit in known if not _is_continued(repository, head, commit)]
    since = known[-1] if options.since is not None and known[-1] not in broken else None
    counting = None if head is None else _counting(context, head, since)
    commits = _Counted(history.read(repository, head, since=since, counting=counting))
    entries = () if head is None else repository.tree(head).entries
    violations = tuple(
        ledger_audit.verify(
            commits,
            after=since,
            earlier=None if since is None else _earlier(repository, since, counting),
            find_manifest=_manifests(repository),
            paths=entries if counting is None else counting,
        )
    )
    discontinued = (_discontinued(head, commit) for commit in dict.fromkeys(broken))
    verified = context.ledger.verified
    ignored = verified.ignored if verified else ()
    return Audit(head, since, commits.number, (*violations, *discontinued), ignored)


def _counting(context: LedgerContext, head: str, since: str | None) -> Counting | None:
    """Return what counts at the head; None if all records do."""
    state = context.assume(head) if context.assume else context.ledger.verified
    if state is None:
        return None
    repository, first = context.repository, state.since
    if since and first and repository.is_ancestor(first, since):
        first = ""
    return Counting(repository.tree(head), state.exceptions, first)


def _earlier(repository: Repository, since: str, counting: Counting | None) -> TreeRecords:
    is_counted = counting is not None and not counting.since
    return TreeRecords(repository.tree(since), counting if is_counted else None)


def _fetch_history(
    repository: Repository, head: str, names: Sequence[str], *, is_whole: bool
) -> None:
    """Fetch as much as the checks need. Only full ids can be looked for before they are here."""
    if is_whole or not all(map(commit_ids.WHOLE.fullmatch, names)):
        repository.fetch_history(head)
    for commit in names:
        repository.fetch_history(head, until=commit)


def _is_continued(repository: Repository, head: str | None, earlier: str) -> bool:
    return head is not None and repository.is_ancestor(earlier, head)


def _discontinued(head: str | None, earlier: str) -> Violation:
    sentence = f"the ledger does not continue {earlier[:12]}: its history was rewritten"
    return Violation(head or earlier, "", sentence)


def _manifests(repository: Repository) -> Find:
    """Return a function that reads a manifest at a revision; None if this clone has no such
    manifest."""

    @functools.cache
    def reader() -> Reader:
        from interlock.services import snapshots  # noqa: PLC0415 - slow, and most clones need none

        return snapshots.Reader()

    def find(model: str, revision: str) -> Manifest | None:
        if repository.find_ref(revision) is None:
            return None
        try:
            return reader().read_manifest(repository.tree(revision), model)
        except (errors.BadInput, errors.CannotReachGit):
            return None

    return find
