"""Writes records that depend on the state of the ledger, over exactly that state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from interlock import errors, json_documents
from interlock.ledger import records
from interlock.ports.git import MOST_RACES
from interlock.ports.ledger import Ledger

_Result = TypeVar("_Result")


def decide(
    ledger: Ledger,
    make: Callable[[], tuple[_Result, Iterable[object]]],
    *,
    message: str,
) -> _Result:
    """Return the result of `make`, after its nouns are written in one commit.

    `make` runs again after another writer was first, so that its decision is about the commit that
    it is written over. Without nouns nothing is written. Raises LedgerBroken, CannotReachGit.
    """
    for _ in range(MOST_RACES):
        result, nouns = make()
        documents = {records.path_of(noun): _dump(noun) for noun in nouns}
        if not documents or ledger.extend(documents, message=message):
            return result
    raise errors.CannotReachGit(
        f"the ledger moved {MOST_RACES} times before a record was written", hint="run it again"
    )


def _dump(noun: object) -> dict[str, object]:
    return json_documents.dump(noun, schema=records.RECORDS[type(noun)].schema)
