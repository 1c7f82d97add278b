"""Records that were decided from the ledger as it is, written over exactly that; what they mean is
not known here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from interlock import documents, errors
from interlock.ledger import lookup
from interlock.ports.ledger import Ledger

_Result = TypeVar("_Result")
# Every lost race is somebody else's success, as in the ledger's own loop.
_ATTEMPTS = 40


def decide(
    ledger: Ledger,
    how: Callable[[], tuple[_Result, Iterable[object]]],
    *,
    message: str,
) -> _Result:
    """Return what was decided, once the nouns that came with it are written, in one commit.

    `how` is asked again whenever somebody else has written first, so that what it answers holds
    at the very commit that it is written over; without nouns nothing is written. Raises
    LedgerBroken, CannotReachGit.
    """
    for _ in range(_ATTEMPTS):
        result, nouns = how()
        records = {lookup.path_of(noun): documents.dump(noun) for noun in nouns}
        if not records or ledger.extend(records, message=message):
            return result
    raise errors.CannotReachGit(
        f"the ledger moved {_ATTEMPTS} times while a record was being decided", hint="run it again"
    )
