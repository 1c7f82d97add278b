"""The order of records by the trees over which intents were written."""

from __future__ import annotations

from interlock.domain.basics.refusal import Refusal
from interlock.domain.promotion import record_order

PATHS = ("evidence", "verdict", "first", "outcome", "second", "late")
BEFORE = {"first": {"evidence", "verdict"}, "second": {*PATHS[:4]}}


def test_positions__an_intent_is_after_what_it_was_written_over() -> None:
    numbers = record_order.positions(PATHS, BEFORE)
    assert numbers == {
        "evidence": 0,
        "verdict": 0,
        "first": 1,
        "outcome": 1,
        "second": 2,
        "late": 2,
    }


def test_positions__in_one_commit_none_is_before_the_other() -> None:
    before = {"first": {"evidence"}, "second": {"evidence"}}
    numbers = record_order.positions(("evidence", "first", "second"), before)
    assert numbers == {"evidence": 0, "first": 2, "second": 2}


def test_positions__without_an_intent() -> None:
    assert record_order.positions(("evidence",), {}) == {"evidence": 0}


def test_positions__a_record_that_one_intent_had_and_a_later_one_had_not() -> None:
    """The verdict would be before the first intent, which was written without the second."""
    forged = {"first": {"evidence"}, "second": {"evidence", "verdict"}}
    numbers = record_order.positions(("evidence", "verdict", "first", "second"), forged)
    assert isinstance(numbers, Refusal)
    assert numbers.reason == "first contradicts the order of verdict"


def test_positions__an_intent_before_itself() -> None:
    assert isinstance(record_order.positions(("first",), {"first": {"first"}}), Refusal)
