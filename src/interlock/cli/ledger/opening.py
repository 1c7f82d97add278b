"""Opens the ledger of a repository, in its state at origin."""

from __future__ import annotations

from pathlib import Path

from interlock import settings
from interlock.cli import open_ledger, open_repository
from interlock.commands.ledger import LedgerContext


def context(repo: Path) -> LedgerContext:
    repository = open_repository.repository(repo)
    ledger = open_ledger.ledger(repository, settings.read())
    ledger.refresh()
    return LedgerContext(repository=repository, ledger=ledger)
