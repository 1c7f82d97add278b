"""Holds, rollbacks and releases written, each with the act that it begins; nothing is promoted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from interlock import book, documents, errors
from interlock.domain import hold
from interlock.domain.command import Command, Verb
from interlock.domain.hold import Objection, Turn
from interlock.ports.ledger import Ledger

# Every lost race is somebody else's success, as in the ledger's own loop.
_ATTEMPTS = 40


def turn(
    ledger: Ledger,
    command: Command,
    *,
    by: str,
    now: str,
    also: Callable[[Turn], Mapping[str, Mapping[str, Any]]] = lambda _: {},
) -> Turn | Objection:
    """Write what a hold, rollback or release comes to, with what `also` adds to the same commit.

    It is decided anew whenever somebody else wrote first: what is pinned is what was served at
    that very commit of the ledger. Raises LedgerBroken, CannotReachGit.
    """
    for _ in range(_ATTEMPTS):
        found = _decide(ledger, command, by=by, now=now)
        if isinstance(found, Objection):
            return found
        nouns = (found.record, *found.acts)
        records = {book.path_of(noun): documents.dump(noun) for noun in nouns}
        message = f"{command.verb.capitalize()} of {command.model}"
        if ledger.extend({**records, **also(found)}, message=message):
            return found
    raise errors.CannotReachGit(
        f"the ledger moved {_ATTEMPTS} times while a {command.verb} was being written",
        hint="run it again",
    )


def _decide(ledger: Ledger, command: Command, *, by: str, now: str) -> Turn | Objection:
    model = command.model
    holds = book.holds(ledger, model=model)
    records = book.promotions(ledger, model=model)
    decide = _DECISIONS[command.verb]
    return decide(holds, records, model=model, by=by, reason=command.reason, at=now)


_DECISIONS = {Verb.HOLD: hold.pin, Verb.ROLLBACK: hold.roll_back, Verb.RELEASE: hold.release}
