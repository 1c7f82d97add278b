"""Tells again while the ledger moves, so that of several reports at once the last to write has read
all that there is to read; what is told lies elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from interlock.ports.github import Pull
from interlock.ports.ledger import Ledger

# Whoever moves the ledger reports after that himself: a few rounds end all but a crowd.
_ROUNDS = 5
_Told = TypeVar("_Told")


def settle(
    tell: Callable[[Pull], _Told],
    *,
    pull: Pull,
    ledger: Ledger,
    look: Callable[[int], Pull | None],
) -> _Told:
    """Return what was told last; `tell` reads `ledger` before it writes.

    Another job may have written a record and its report while we were about to write an older one
    over it: then the ledger is not where we have read it, and the pull request is looked at anew.
    """
    told = tell(pull)
    for _ in range(_ROUNDS):
        read = ledger.head
        ledger.refresh()
        if ledger.head == read:
            break
        pull = look(pull.number) or pull
        told = tell(pull)
    return told
