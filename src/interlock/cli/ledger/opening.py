"""Opens the ledger of a repository, in its state at origin."""

from __future__ import annotations

from pathlib import Path

from interlock import settings, wiring
from interlock.cli import open_ledger, open_repository
from interlock.commands.ledger import LedgerContext


def context(repo: Path, *, offline: bool = False) -> LedgerContext:
    """Without `offline` the ledger is that at origin."""
    repository, current = open_repository.repository(repo), settings.read()
    ledger = open_ledger.ledger(repository, current, offline=offline)
    if not offline:
        ledger.refresh()
    return LedgerContext(
        repository=repository,
        ledger=ledger,
        confirm=lambda head: wiring.confirm_ledger(repository, current, head=head),
    )
