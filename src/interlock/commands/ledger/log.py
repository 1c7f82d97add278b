"""`ledger log`: the commits of the ledger, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from interlock.commands.ledger import LedgerContext
from interlock.domain.promotion import ledger_paths
from interlock.ports.git import HistoryCommit


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOptions:
    """`model` selects the commits with a file of one model; None selects all."""

    model: str | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One commit, with the records and the other files that it added."""

    commit: str
    subject: str
    records: tuple[str, ...]
    files: tuple[str, ...]


def run(context: LedgerContext, options: LogOptions) -> Iterator[LogEntry]:
    """Yield the commits of the ledger, newest first, while older ones are still being read."""
    head = context.ledger.head
    if head is not None:
        context.repository.fetch_history(head)
    commits = () if head is None else context.repository.history(head)
    return (_entry(c) for c in commits if options.model is None or _is_about(c, options.model))


def _entry(commit: HistoryCommit) -> LogEntry:
    added = sorted(change.path for change in commit.changes if change.kind == "A")
    records = tuple(filter(ledger_paths.is_record, added))
    files = tuple(path for path in added if path not in records)
    return LogEntry(commit.id, commit.subject, records, files)


def _is_about(commit: HistoryCommit, model: str) -> bool:
    return any(change.path.split("/")[1:2] == [model] for change in commit.changes)
