"""What so many rows can tell apart, and how many rows a non-inferiority margin needs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation import detectable_difference, gates
from interlock.domain.evaluation.verdict import Comparison, Finding, Outcome
from interlock.domain.model.manifest import GateRule
from interlock.domain.model.policy import OnInconclusive

DROP = GateRule("f1_macro", max_drop=0.01, against="champion")
PLACE = Comparison("f1_macro", 0.9, 0.905, -0.005, Interval(-0.0196, 0.0096, 0.95), rows=750)
NEEDS = (
    "with 750 rows, differences below about 0.015 cannot be resolved; "
    "a non-inferiority margin of 0.01 needs about 1,600 rows"
)


def judge(rule: GateRule, place: Comparison) -> Finding:
    (result,) = gates.evaluate(
        [rule], comparisons={0.95: [place]}, skip="", on_inconclusive=OnInconclusive.ASK
    )
    return result


def test_finding__that_is_inconclusive_says_how_many_rows_its_margin_needs() -> None:
    result = judge(DROP, PLACE)
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.sentence.endswith(f"the limit is within the interval; {NEEDS}")
    assert result.reason == f"the limit is within the interval; {NEEDS}"


@pytest.mark.parametrize("interval", [Interval(-0.005, 0.005, 0.95), Interval(-0.05, -0.02, 0.95)])
def test_finding__that_is_sure_says_nothing_of_rows(interval: Interval) -> None:
    assert "resolved" not in judge(DROP, replace(PLACE, interval=interval)).sentence


@pytest.mark.parametrize(
    ("margin", "words"),
    [
        (0.02, "cannot be resolved, and a non-inferiority margin of 0.02 can"),
        (
            0.0,
            "a non-inferiority margin of 0 cannot be resolved by any number of rows",
        ),
        (1e-9, "a non-inferiority margin of 1e-09 cannot be resolved by any number of rows"),
        (None, "with 750 rows, differences below about 0.015 cannot be resolved"),
    ],
)
def test_sentence__says_what_there_is_to_do(margin: float | None, words: str) -> None:
    result = detectable_difference.find(PLACE.interval, rows=750, margin=margin)
    assert result is not None
    assert result.sentence.endswith(words)


@pytest.mark.parametrize(
    ("interval", "rows"),
    [
        (None, 750),
        (PLACE.interval, None),
        (PLACE.interval, 0),
        (Interval(0.0, 0.0, 0.95), 750),
        (Interval(-float("inf"), float("inf"), 0.95), 750),
        (Interval(float("nan"), float("nan"), 0.95), 750),
    ],
)
def test_find__knows_nothing_without_an_interval_of_some_width(
    interval: Interval | None, rows: int | None
) -> None:
    assert detectable_difference.find(interval, rows=rows) is None


@given(st.floats(1e-6, 1e3), st.integers(1, 10**7), st.floats(1e-4, 10), st.integers(2, 50))
def test_rows_needed__are_enough_and_not_many_more(
    half: float, rows: int, share: float, factor: int
) -> None:
    """With the rows that are said to be needed the half-width is within the margin."""
    result = detectable_difference.find(Interval(-half, half, 0.95), rows=rows, margin=half * share)
    assert result is not None
    if result.rows_needed is not None:
        shrunk = half * (rows / result.rows_needed) ** 0.5
        assert shrunk <= half * share * (1 + 1e-9)
        fewer = result.rows_needed * 0.9 - 1
        assert fewer <= 0 or half * (rows / fewer) ** 0.5 > half * share * (1 - 1e-9)


def test_of_finding__is_of_what_compares() -> None:
    assert detectable_difference.of_finding(judge(GateRule("f1_macro", min=0.5), PLACE)) is None
    rise = judge(GateRule("f1_macro", max_rise=0.01, against="champion"), PLACE)
    result = detectable_difference.of_finding(rise)
    assert result is not None
    assert (result.rows, result.margin, result.rows_needed) == (750, 0.01, 1600)


def foreseen(rule: GateRule, *known: Comparison) -> list[str]:
    return [
        f"{name}: {result.sentence}" for name, result in detectable_difference.foresee(rule, known)
    ]


def test_foresee__tells_a_margin_that_earlier_rows_did_not_resolve() -> None:
    assert foreseen(DROP, PLACE) == [f"f1_macro: {NEEDS}"]
    assert foreseen(replace(DROP, max_drop=0.02), PLACE) == []
    assert foreseen(replace(DROP, metric="accuracy"), PLACE) == []
    assert foreseen(GateRule("f1_macro", min=0.01), PLACE) == []
    assert foreseen(DROP, replace(PLACE, interval=None)) == []
    in_slice = replace(PLACE, slice="country", value="FR", rows=100)
    assert foreseen(DROP, in_slice) == []
    (message,) = foreseen(replace(DROP, slice="country"), PLACE, in_slice)
    assert message.startswith("f1_macro in country=FR: with 100 rows")


def test_foresee__widens_the_interval_for_a_higher_confidence() -> None:
    sure = replace(DROP, max_drop=0.018, confidence=0.99)
    (message,) = foreseen(sure, PLACE)
    assert "differences below about 0.019" in message
    assert foreseen(replace(sure, confidence=0.95), PLACE) == []
