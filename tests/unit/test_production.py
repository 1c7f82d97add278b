"""The production model is found from the newest promotions, whatever came before them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from interlock import documents, errors
from interlock.domain.promotion import predecessor
from interlock.domain.promotion import promotion as acts
from interlock.domain.promotion.hold import Hold, HoldStep
from interlock.domain.promotion.promotion import Phase, Promotion
from interlock.ledger import lookup
from tests import retrain_cases
from tests.unit.test_window_verdicts import CountingLedger


def versions(count: int) -> list[Promotion]:
    """Intent and outcome of that many promotions."""
    records: list[Promotion] = []
    for number in range(1, count + 1):
        done = retrain_cases.served(
            fingerprint=f"{number:064x}", position=number, version=number, epoch=0
        )
        records += [replace(done, phase=Phase.INTENT, version=None), done]
    return records


def ledger_with(promotions: Sequence[Promotion]) -> CountingLedger:
    ledger = CountingLedger()
    records = {lookup.path_of(each): documents.dump(each) for each in promotions}
    ledger.append(records, message="Promotions")
    ledger.reads = 0
    return ledger


@pytest.mark.parametrize("count", [3, 50])
def test_champion__is_read_first(count: int) -> None:
    promotions = versions(count)
    ledger = ledger_with(promotions)
    champion = lookup.champion(ledger, model="digits")
    assert champion == promotions[-1]
    assert lookup.previous_champion(ledger, current=promotions[-1]) == promotions[-3]
    assert ledger.reads == 1 + 2


def superseded() -> list[Promotion]:
    *records, last = versions(3)
    return [*records, replace(last, phase=Phase.SUPERSEDED)]


def held() -> list[Promotion]:
    """A hold of an old version has a greater epoch than every later promotion of main."""
    records = versions(12)
    return [*records, replace(records[5], epoch=10, version=3), replace(records[3], epoch=2)]


def unfinished() -> list[Promotion]:
    return versions(3)[:-1]


@pytest.mark.parametrize("promotions", [versions(12), superseded(), held(), unfinished(), []])
def test_champion__is_that_of_all_records(promotions: list[Promotion]) -> None:
    ledger = ledger_with(promotions)
    champion = lookup.champion(ledger, model="digits")
    assert champion == acts.champion(promotions)
    if champion is not None:
        before = lookup.previous_champion(ledger, current=champion)
        assert before == predecessor.find(promotions, current=champion)


@pytest.mark.parametrize("name", ["00000009x", "99999999", "zz"])
def test_active_hold__is_not_hidden_by_a_later_name(name: str) -> None:
    ledger = CountingLedger()
    hold = documents.dump(Hold("digits", 2, HoldStep.HOLD, "octocat", "broken", "now", "1" * 64, 1))
    ledger.append({"holds/digits/00000002.json": hold}, message="Hold")
    assert lookup.active_hold(ledger, model="digits") is not None
    ledger.append({f"holds/digits/{name}.json": hold}, message="Odd")
    with pytest.raises(errors.LedgerBroken, match=name):
        lookup.active_hold(ledger, model="digits")


@pytest.mark.parametrize("name", ["0-old-done", "zz"])
def test_champion__refuses_a_file_with_another_name(name: str) -> None:
    ledger = ledger_with(versions(2))
    odd: dict[str, Any] = {f"promotions/digits/{name}.json": {"schema": "interlock/odd/v1"}}
    ledger.append(odd, message="Odd")
    with pytest.raises(errors.LedgerBroken, match=name):
        lookup.champion(ledger, model="digits")
