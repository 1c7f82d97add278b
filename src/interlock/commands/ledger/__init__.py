"""`ledger`: shows records, lists commits and verifies the history. It writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from interlock.domain.provenance.verified_ledger import VerifiedLedger
from interlock.ports.git import Repository
from interlock.ports.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerContext:
    """`ledger` is a branch of `repository`. `confirm` returns what counts at its head if all that
    is missing in the history is left out; None if records need no attestation. `assume` returns
    what counts there if all attestations are valid; without it the ledger knows what counts.
    `assume_in_job` does so by the rules for a job of GitHub Actions."""

    repository: Repository
    ledger: Ledger
    confirm: Callable[[str], VerifiedLedger | None] = lambda _: None
    assume: Callable[[str], VerifiedLedger | None] | None = None
    assume_in_job: Callable[[str], VerifiedLedger | None] = lambda _: None
