"""Repeat a report while the ledger changes, so that the last report has read all records."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from interlock.ports.github import Pull
from interlock.ports.ledger import Ledger

# Every job that writes to the ledger reports afterwards, so a few rounds are enough.
_ROUNDS = 5
_Result = TypeVar("_Result")


def run(
    report: Callable[[Pull], _Result],
    *,
    pull: Pull,
    ledger: Ledger,
    find_pull: Callable[[int], Pull | None],
) -> _Result:
    """Return the result of the last `report`, which reads `ledger` before it writes.

    Another job may write a record and its report while this job writes an older report over it.
    Then the ledger has a new head, and the report is repeated with the current pull request.
    """
    result = report(pull)
    for _ in range(_ROUNDS):
        head = ledger.head
        ledger.refresh()
        if ledger.head == head:
            break
        pull = find_pull(pull.number) or pull
        result = report(pull)
    return result
