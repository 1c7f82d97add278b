"""Orders the records of a promotion's proof by the trees over which its intents were written."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from interlock.domain.basics.refusal import Refusal


def positions(
    paths: Collection[str], before: Mapping[str, Collection[str]]
) -> Mapping[str, int] | Refusal:
    """Return a number for each record, so that a record is before an intent exactly if its number
    is lower.

    `before` has, for each intent, the records that were in the ledger when it was written. The
    number of a record is the number of intents that were written without it.
    """
    numbers = {path: sum(path not in known for known in before.values()) for path in paths}
    for intent, known in before.items():
        for path in paths:
            if (path in known) is not (numbers[path] < numbers[intent]):
                return Refusal(f"{intent} contradicts the order of {path}")
    return numbers
