"""Holds, rollbacks and releases written, each with the act that it begins; nothing is promoted."""

from __future__ import annotations

from interlock.domain.access.comment_command import Command, Verb
from interlock.domain.promotion import hold
from interlock.domain.promotion.hold import Objection, Turn, Word
from interlock.ledger import lookup, transaction
from interlock.ports.ledger import Ledger

VERBS = {Verb.HOLD: hold.pin, Verb.ROLLBACK: hold.roll_back, Verb.RELEASE: hold.release}


def turn(ledger: Ledger, command: Command, *, by: str, now: str) -> Turn | Objection:
    """Write what a hold, rollback or release comes to. Raises LedgerBroken, CannotReachGit."""

    def how() -> tuple[Turn | Objection, tuple[object, ...]]:
        found = decide(ledger, command, by=by, now=now)
        return found, () if isinstance(found, Objection) else (found.record, *found.acts)

    return transaction.decide(ledger, how, message=message(command))


def decide(ledger: Ledger, command: Command, *, by: str, now: str) -> Turn | Objection:
    model = command.model
    records = (lookup.holds(ledger, model=model), lookup.promotions(ledger, model=model))
    return VERBS[command.verb](*records, word=Word(model, by=by, reason=command.reason, at=now))


def message(command: Command) -> str:
    return f"{command.verb.capitalize()} of {command.model}"
