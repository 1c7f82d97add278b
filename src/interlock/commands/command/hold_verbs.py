"""The verbs `hold`, `rollback` and `release`: decide from the ledger, and write the records."""

from __future__ import annotations

from interlock.domain.access.comment_command import CommentCommand, Verb
from interlock.domain.basics.refusal import Refusal
from interlock.domain.promotion import hold
from interlock.domain.promotion.hold import HoldChange, HoldRequest
from interlock.ledger import lookup, transaction
from interlock.ports.ledger import Ledger

VERBS = {Verb.HOLD: hold.pin, Verb.ROLLBACK: hold.roll_back, Verb.RELEASE: hold.release}


def write(ledger: Ledger, command: CommentCommand, *, by: str, now: str) -> HoldChange | Refusal:
    """Decide and write the records in one commit. Raises LedgerBroken and CannotReachGit."""

    def how() -> tuple[HoldChange | Refusal, tuple[object, ...]]:
        change = decide(ledger, command, by=by, now=now)
        return change, () if isinstance(change, Refusal) else (change.record, *change.acts)

    message = f"{command.verb.capitalize()} of {command.model}"
    return transaction.decide(ledger, how, message=message)


def decide(ledger: Ledger, command: CommentCommand, *, by: str, now: str) -> HoldChange | Refusal:
    model = command.model
    return VERBS[command.verb](
        lookup.holds(ledger, model=model),
        lookup.promotions(ledger, model=model),
        request=HoldRequest(model, by=by, reason=command.reason, at=now),
    )
