"""Holds, rollbacks and releases written, each with the act that it begins; nothing is promoted."""

from __future__ import annotations

from interlock.domain.access.comment_command import CommentCommand, Verb
from interlock.domain.promotion import hold
from interlock.domain.promotion.hold import HoldChange, HoldRefusal, HoldRequest
from interlock.ledger import lookup, transaction
from interlock.ports.ledger import Ledger

VERBS = {Verb.HOLD: hold.pin, Verb.ROLLBACK: hold.roll_back, Verb.RELEASE: hold.release}


def turn(ledger: Ledger, command: CommentCommand, *, by: str, now: str) -> HoldChange | HoldRefusal:
    """Write what a hold, rollback or release comes to. Raises LedgerBroken, CannotReachGit."""

    def how() -> tuple[HoldChange | HoldRefusal, tuple[object, ...]]:
        found = decide(ledger, command, by=by, now=now)
        return found, () if isinstance(found, HoldRefusal) else (found.record, *found.acts)

    return transaction.decide(ledger, how, message=message(command))


def decide(
    ledger: Ledger, command: CommentCommand, *, by: str, now: str
) -> HoldChange | HoldRefusal:
    model = command.model
    records = (lookup.holds(ledger, model=model), lookup.promotions(ledger, model=model))
    return VERBS[command.verb](
        *records, word=HoldRequest(model, by=by, reason=command.reason, at=now)
    )


def message(command: CommentCommand) -> str:
    return f"{command.verb.capitalize()} of {command.model}"
