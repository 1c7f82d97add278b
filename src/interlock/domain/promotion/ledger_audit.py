"""Audits the ledger: a history to which files were only added; without Git."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from interlock.domain.promotion import ledger_paths
from interlock.domain.promotion.ledger_commit import LedgerCommit, Violation
from interlock.domain.promotion.promotion_audit import EarlierRecords, Find, PromotionAudit


def verify(
    commits: Iterable[LedgerCommit],
    *,
    after: str | None = None,
    earlier: EarlierRecords | None = None,
    find_manifest: Find | None = None,
    paths: Container[str] = (),
) -> Iterator[Violation]:
    """Yield every violation in a history, from its first commit to its last.

    A record names the commit that it was written over, and a commit's id covers all its content.
    An edit, a removal or a move of one commit therefore leaves later records that name missing
    commits. This does not protect the last commits: compare this history with an earlier known
    head. With `find_manifest`, verdicts are also compared with the gates of their manifest. `paths`
    are those of the last commit: no record may be at two paths.

    The commits have only the changes of records that count. With `after` they follow that commit,
    and the valid history up to it has the records `earlier`: the result is the same as that of the
    whole history, for these commits.
    """
    promotions = PromotionAudit(earlier, find_manifest)
    parent = after
    for commit in commits:
        yield from _shape(commit, parent)
        yield from _chain(commit, parent)
        yield from _once(commit, paths)
        yield from promotions.check(commit)
        parent = commit.id


def _shape(commit: LedgerCommit, parent: str | None) -> Iterator[Violation]:
    """Check that a commit has only the previous commit as its parent, and only adds files at
    allowed paths."""
    if commit.parents != (() if parent is None else (parent,)):
        names = ", ".join(p[:12] for p in commit.parents) or "nothing"
        yield Violation(commit.id, "", f"it was written over {names}, not over {_name(parent)}")
    for path in commit.changed:
        yield Violation(commit.id, path, "a record was changed")
    for path in commit.removed:
        yield Violation(commit.id, path, "a record was removed")
    for path in (*commit.files, *(record.path for record in commit.records)):
        if not ledger_paths.is_path(path):
            yield Violation(commit.id, path, "it is not a valid path of a record")
    changes = (*commit.records, *commit.files, *commit.changed, *commit.removed)
    if not changes and not commit.uncounted:
        yield Violation(commit.id, "", "it adds nothing")


def _chain(commit: LedgerCommit, parent: str | None) -> Iterator[Violation]:
    for record in commit.records:
        if record.problem:
            yield Violation(commit.id, record.path, record.problem)
        elif record.previous != parent:
            claim = f"it was written over {_name(record.previous)}"
            yield Violation(commit.id, record.path, f"{claim}, not over {_name(parent)}")


def _once(commit: LedgerCommit, paths: Container[str]) -> Iterator[Violation]:
    for record in commit.records:
        for path in filter(paths.__contains__, record.others):
            yield Violation(commit.id, record.path, f"its window is also recorded at {path}")


def _name(commit: str | None) -> str:
    return "nothing" if commit is None else commit[:12]
