"""Records verifications of the ledger, so that no later reader has to repeat them."""

from __future__ import annotations

from datetime import datetime, timedelta

from interlock.domain.provenance import verified_ledger
from interlock.domain.provenance.verification import Verification
from interlock.domain.provenance.verified_ledger import VerifiedLedger
from interlock.ledger import records, transaction
from interlock.ports.ledger import Ledger
from interlock.services.best_effort import Attempts

_MANY = 100
_AFTER = timedelta(days=1)


def record(ledger: Ledger, *, at: str, attempts: Attempts) -> None:
    """Record a verification of the ledger's head if there is a new commit; `at` is ISO 8601."""
    if ledger.verified is None or not ledger.verified.news:
        return
    attempts.attempt(
        "the verification of the ledger is not recorded",
        lambda: transaction.decide(
            ledger, lambda: (None, _next(ledger, at)), message="Verification"
        ),
        otherwise=None,
    )


def record_if_due(ledger: Ledger, *, at: str, attempts: Attempts) -> None:
    """Record one after a hundred new commits, or a day after the last one."""
    if ledger.verified is not None and _is_due(ledger.verified, at):
        record(ledger, at=at, attempts=attempts)


def _is_due(state: VerifiedLedger, at: str) -> bool:
    if state.base is None or state.news >= _MANY:
        return True
    return datetime.fromisoformat(at) - datetime.fromisoformat(state.base.at) >= _AFTER


def _next(ledger: Ledger, at: str) -> tuple[Verification, ...]:
    known = ledger.list(records.folder(Verification, "ledger"))
    number = int(known[-1].removesuffix(".json")[-8:]) + 1 if known else 1
    state = ledger.verified
    made = state and verified_ledger.record(state, number=number, at=at)
    return (made,) if made else ()
