"""`ledger`: shows records, lists commits and verifies the history. It writes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from interlock.ports.git import Repository
from interlock.ports.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerContext:
    """`ledger` is a branch of `repository`."""

    repository: Repository
    ledger: Ledger
