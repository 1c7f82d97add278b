"""Records repairs in the ledger: one commit before their effects, one commit after them.

Promotions have their own records; a refused repair has none.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from interlock.domain.promotion.reconciliation import Difference, DifferenceKind, Repair, RepairStep
from interlock.ledger import lookup, transaction
from interlock.ports.ledger import Ledger

_OWN_RECORDS = frozenset({DifferenceKind.PROMOTION, DifferenceKind.UNFINISHED})


def begin(
    ledger: Ledger,
    plans: Mapping[str, Sequence[Difference]],
    *,
    at: str,
    message: str,
    head: str | None,
) -> dict[str, list[Repair]] | None:
    """Record the repairs that are about to begin, and return them by model.

    Returns None, with nothing written, when the ledger is no longer at `head`: then the plans are
    outdated. Unfinished repairs of other processes are taken over; those without a difference were
    completed, and are ended.
    """

    def decide() -> tuple[dict[str, list[Repair]] | None, list[Repair]]:
        if ledger.head != head:
            return None, []
        begun: dict[str, list[Repair]] = {}
        nouns: list[Repair] = []
        for model, differences in plans.items():
            count, unfinished = lookup.repairs(ledger, model=model)
            known = {repair.identity: repair for repair in unfinished}
            begun[model] = []
            for difference in _recorded(differences):
                repair = known.pop(difference.identity, None)
                if repair is None:
                    count += 1
                    repair = _repair(difference, number=count, at=at)
                    nouns.append(repair)
                begun[model].append(repair)
            nouns += [_done(repair, at=at) for repair in known.values()]
        return begun, nouns

    return transaction.decide(ledger, decide, message=f"Intent: {message}")


def end(ledger: Ledger, repairs: Iterable[Repair], *, at: str, message: str) -> None:
    """Record the repairs as done, unless another process has done so already."""
    done = tuple(repairs)

    def decide() -> tuple[None, list[Repair]]:
        unfinished = {
            (repair.model, repair.number)
            for model in {repair.model for repair in done}
            for repair in lookup.repairs(ledger, model=model)[1]
        }
        return None, [_done(r, at=at) for r in done if (r.model, r.number) in unfinished]

    transaction.decide(ledger, decide, message=f"Done: {message}")


def _recorded(differences: Iterable[Difference]) -> list[Difference]:
    return [c for c in differences if c.refusal is None and c.kind not in _OWN_RECORDS]


def _repair(difference: Difference, *, number: int, at: str) -> Repair:
    return Repair(
        model=difference.model,
        number=number,
        step=RepairStep.INTENT,
        kind=difference.kind,
        resource=difference.resource,
        expected=difference.expected,
        actual=difference.actual,
        sentence=difference.sentence,
        at=at,
    )


def _done(repair: Repair, *, at: str) -> Repair:
    return dataclasses.replace(repair, step=RepairStep.DONE, at=at)
