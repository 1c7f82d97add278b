"""Opens the ledger of a repository, in its state at origin."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from interlock import settings, wiring
from interlock.cli import open_ledger, open_repository
from interlock.commands.ledger import LedgerContext
from interlock.domain.provenance.verified_ledger import VerifiedLedger


def context(repo: Path, *, offline: bool = False, is_quiet: bool = False) -> LedgerContext:
    """Without `offline` the ledger is that at origin. With `is_quiet` a command prints the changes
    that do not count itself."""
    repository, current = open_repository.repository(repo), settings.read()
    ledger = open_ledger.ledger(repository, current, offline=offline, is_quiet=is_quiet)
    if not offline:
        ledger.refresh()

    def assume(head: str) -> VerifiedLedger | None:
        return wiring.assume_ledger(repository, current, head=head)

    def assume_in_job(head: str) -> VerifiedLedger | None:
        inside = dataclasses.replace(current, in_actions=True)
        return wiring.assume_ledger(repository, inside, head=head)

    return LedgerContext(
        repository=repository,
        ledger=ledger,
        confirm=lambda head: wiring.confirm_ledger(repository, current, head=head),
        assume=assume if offline else None,
        assume_in_job=assume_in_job,
    )
