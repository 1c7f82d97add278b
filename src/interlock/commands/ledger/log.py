"""`ledger log`: the commits of the ledger, newest first."""

from __future__ import annotations

from dataclasses import dataclass

from interlock.commands.ledger import LedgerContext, history
from interlock.domain.promotion.ledger_audit import LedgerCommit


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOptions:
    """`model` selects the commits with a record of one model; None selects all."""

    model: str | None = None


def run(context: LedgerContext, options: LogOptions) -> tuple[LedgerCommit, ...]:
    """Return the commits of the ledger, newest first."""
    commits = reversed(tuple(history.read(context.repository, context.ledger.head)))
    return tuple(c for c in commits if options.model is None or _is_about(c, options.model))


def _is_about(commit: LedgerCommit, model: str) -> bool:
    records = (record.path for record in commit.records)
    paths = (*commit.files, *commit.changed, *commit.removed, *records)
    return any(path.split("/")[1:2] == [model] for path in paths)
