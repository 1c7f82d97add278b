"""Corrections in the ledger: begun in one commit before their effects, ended in one after them.

Acts have records of their own; a correction that may not be made has none.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from interlock.domain.promotion.reconciliation import Difference, DifferenceKind, Repair, RepairStep
from interlock.ledger import lookup, transaction
from interlock.ports.ledger import Ledger

_OWN_RECORDS = frozenset({DifferenceKind.PROMOTION, DifferenceKind.ACT})


def begin(
    ledger: Ledger,
    plans: Mapping[str, Sequence[Difference]],
    *,
    at: str,
    message: str,
    head: str | None,
) -> dict[str, list[Repair]] | None:
    """Write down what is about to be put right, by model, and return it.

    It is written over `head`, the ledger that the plans were made from, and over no other: None,
    with nothing written, when somebody has written since. Then the plans are of the past.

    What somebody began and did not end is taken over. What was begun and differs no more was put
    right by whoever died, and is ended.
    """

    def how() -> tuple[dict[str, list[Repair]] | None, list[Repair]]:
        if ledger.head != head:
            return None, []
        begun: dict[str, list[Repair]] = {}
        nouns: list[Repair] = []
        for model, corrections in plans.items():
            count, left = lookup.repairs(ledger, model=model)
            known = {repair.identity: repair for repair in left}
            begun[model] = []
            for correction in _recorded(corrections):
                repair = known.pop(correction.identity, None)
                if repair is None:
                    count += 1
                    repair = _repair(correction, number=count, at=at)
                    nouns.append(repair)
                begun[model].append(repair)
            nouns += [_done(repair, at=at) for repair in known.values()]
        return begun, nouns

    return transaction.decide(ledger, how, message=f"Begin: {message}")


def end(ledger: Ledger, repairs: Iterable[Repair], *, at: str, message: str) -> None:
    """Write down what was put right, unless somebody has done so already."""
    wanted = tuple(repairs)

    def how() -> tuple[None, list[Repair]]:
        left = {
            (repair.model, repair.number)
            for model in {repair.model for repair in wanted}
            for repair in lookup.repairs(ledger, model=model)[1]
        }
        return None, [_done(r, at=at) for r in wanted if (r.model, r.number) in left]

    transaction.decide(ledger, how, message=f"Done: {message}")


def _recorded(corrections: Iterable[Difference]) -> list[Difference]:
    return [c for c in corrections if not c.refusal and c.kind not in _OWN_RECORDS]


def _repair(correction: Difference, *, number: int, at: str) -> Repair:
    return Repair(
        model=correction.model,
        number=number,
        step=RepairStep.INTENT,
        kind=correction.kind,
        what=correction.what,
        expected=correction.expected,
        found=correction.found,
        sentence=correction.sentence,
        at=at,
    )


def _done(repair: Repair, *, at: str) -> Repair:
    return dataclasses.replace(repair, step=RepairStep.DONE, at=at)
