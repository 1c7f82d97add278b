"""Verdicts over windows: significant, big enough, lasting; and what is broken at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.drift import detection, explanations, rules
from interlock.domain.drift.measures import ColumnMeasure, ColumnProblem, WindowMeasure
from interlock.domain.drift.profile import ColumnKind
from interlock.domain.drift.rules import DriftRules, Effect, Persistence
from interlock.domain.drift.status import DriftStatus
from tests.unit.domain.drift.columns import measured, window

RULES = DriftRules()
ONCE = DriftRules(persist=Persistence(1, 1))
QUIET, LOUD = measured(), measured(effect=0.2, p=1e-9)


def verdicts(*windows: WindowMeasure, rules: DriftRules = RULES) -> list[str]:
    return [verdict.value for verdict in detection.detect(windows, rules=rules).windows]


def test_drift__needs_windows_enough() -> None:
    result = verdicts(
        window(QUIET), window(QUIET), window(LOUD), window(LOUD), window(QUIET), window(QUIET)
    )
    assert result == ["stable", "stable", "warning", "drift", "drift", "warning"]


@pytest.mark.parametrize(
    ("column", "verdict"),
    [
        (measured(effect=0.10, p=1e-3), DriftStatus.DRIFT),
        (measured(effect=0.0999, p=1e-9), DriftStatus.STABLE),
        (measured(effect=0.5, p=0.02), DriftStatus.STABLE),
        (measured(rise=0.05, rise_p=1e-9), DriftStatus.DRIFT),
        (measured(rise=0.049, rise_p=1e-9), DriftStatus.STABLE),
        (measured(rise=-0.05, rise_p=1e-9), DriftStatus.DRIFT),
        (measured(rise=-0.049, rise_p=1e-9), DriftStatus.STABLE),
        (measured(effect=0.5, p=0.5, rise=0.01, rise_p=1e-9), DriftStatus.STABLE),
        (ColumnMeasure("x", ColumnKind.TIME), DriftStatus.INSUFFICIENT),
    ],
)
def test_column__needs_significance_and_effect_in_one_question(
    column: ColumnMeasure, verdict: DriftStatus
) -> None:
    assert detection.detect([window(column)], rules=ONCE).verdict is verdict


def test_categories__have_a_bar_of_their_own() -> None:
    column = replace(measured(effect=0.06, p=1e-9), kind=ColumnKind.CATEGORY)
    assert detection.detect([window(column)], rules=ONCE).verdict is DriftStatus.DRIFT
    large = replace(ONCE, effect=Effect.LARGE)
    assert detection.detect([window(column)], rules=large).verdict is DriftStatus.STABLE


def together(column: ColumnMeasure, *, days: int = 3, rows: int = 1_000) -> list[str]:
    """Verdicts of days on which one column says a little, among sixty that say nothing."""
    others = [ColumnMeasure(f"q{n}", ColumnKind.NUMBER, effect=0.0, p_value=1.0) for n in range(60)]
    return verdicts(*[window(column, *others, rows=rows)] * days)


def test_windows__are_significant_together_though_none_is_alone() -> None:
    weak = ColumnMeasure("x", ColumnKind.NUMBER, effect=0.12, p_value=2e-4)
    assert together(weak) == ["stable", "stable", "drift"]
    assert together(weak, days=1) == ["stable"]
    assert together(replace(weak, effect=0.09)) == ["stable"] * 3


def test_windows__that_share_the_chance_of_a_small_reference_prove_no_more_than_one() -> None:
    weak = ColumnMeasure("x", ColumnKind.NUMBER, effect=0.12, p_value=2e-4)
    assert together(weak, rows=100_000) == ["stable"] * 3


def test_windows__of_a_column_that_came_are_those_that_have_it() -> None:
    weak = ColumnMeasure("x", ColumnKind.NUMBER, effect=0.12, p_value=2e-4)
    others = [ColumnMeasure(f"q{n}", ColumnKind.NUMBER, effect=0.0, p_value=1.0) for n in range(60)]
    days = [window(*others), window(weak, *others)]
    assert verdicts(*days) == ["stable", "stable"]


def test_many_columns__are_corrected_for() -> None:
    borderline = measured(effect=0.2, p=0.005)
    assert detection.detect([window(borderline)], rules=ONCE).verdict is DriftStatus.DRIFT
    others = [measured(f"y{k}") for k in range(49)]
    result = detection.detect([window(borderline, *others)], rules=ONCE)
    assert result.verdict is DriftStatus.STABLE
    assert result.columns[0].adjusted_p == pytest.approx(0.5)
    assert result.columns[0].strength == pytest.approx(2)


@pytest.mark.parametrize("problem", [p for p in ColumnProblem if p is not ColumnProblem.NEW])
def test_problem__is_broken_at_once_whatever_the_rows(problem: ColumnProblem) -> None:
    for rows in (3, 1_000):
        column = replace(QUIET, problem=problem, detail="1000")
        result = detection.detect([window(column, rows=rows)], rules=RULES)
        assert (result.verdict, result.columns[0].verdict) == (
            DriftStatus.BROKEN,
            DriftStatus.BROKEN,
        )
        assert result.sentence == "x cannot be used: the upstream data pipeline failed"


def test_problem__that_was_fixed_is_gone() -> None:
    assert verdicts(window(replace(QUIET, problem=ColumnProblem.UNIT)), window(QUIET)) == [
        "broken",
        "stable",
    ]


def test_new_column__is_watched() -> None:
    column = ColumnMeasure("z", ColumnKind.OTHER, ColumnProblem.NEW, detail="Int64")
    result = detection.detect([window(QUIET, column)], rules=RULES)
    assert (result.verdict, result.columns[0].name) == (DriftStatus.WARNING, "z")
    assert result.columns[0].sentence == "is new (Int64): it is not in the reference"


def test_empty_window__is_broken() -> None:
    result = detection.detect(
        [window(LOUD), window(ColumnMeasure("x", ColumnKind.NUMBER), rows=0)], rules=RULES
    )
    assert (result.verdict, result.sentence) == (DriftStatus.BROKEN, "the window is empty")
    assert result.columns[0].verdict is DriftStatus.INSUFFICIENT


def test_few_rows__say_nothing_and_change_nothing() -> None:
    small = window(LOUD, rows=99)
    assert verdicts(small, small) == ["insufficient", "insufficient"]
    assert verdicts(window(LOUD), small, window(LOUD)) == ["warning", "insufficient", "drift"]
    result = detection.detect([window(LOUD), window(LOUD), small], rules=RULES)
    assert (result.verdict, result.windows[-1]) == (DriftStatus.DRIFT, DriftStatus.INSUFFICIENT)
    only = detection.detect([small], rules=RULES)
    assert only.sentence == "too few rows to decide: 99"
    assert only.columns[0].sentence == "has too few rows to decide"


def test_few_rows__of_the_reference_say_nothing_either() -> None:
    result = detection.detect([WindowMeasure(1_000, 99, (LOUD,))], rules=RULES)
    assert result.windows == (DriftStatus.INSUFFICIENT,)
    assert result.sentence == "too few reference rows to decide: 99"


def test_no_window__says_nothing() -> None:
    result = detection.detect([], rules=RULES)
    assert (result.verdict, result.columns) == (DriftStatus.INSUFFICIENT, ())
    assert result.sentence == "no live data"


def test_nothing_compared__is_not_stable() -> None:
    assert verdicts(window()) == ["insufficient"]
    left = [
        ColumnMeasure("t", ColumnKind.TEXT),
        ColumnMeasure("d", ColumnKind.TIME, missing_reference=0.0),
    ]
    new = ColumnMeasure("n", ColumnKind.OTHER, ColumnProblem.NEW, detail="String")
    for columns in (left, [*left, new], [new]):
        result = detection.detect([window(*columns)], rules=ONCE)
        assert (result.verdict, result.compared, result.has_no_comparison) == (
            DriftStatus.INSUFFICIENT,
            0,
            True,
        )
    assert detection.detect([window(*left)], rules=ONCE).sentence == (
        "0 of 2 columns compared; "
        "not compared: t (too many different values) and d (dates always change)"
    )
    assert not detection.detect([window(QUIET, rows=9)], rules=ONCE).has_no_comparison
    assert not detection.detect([], rules=ONCE).has_no_comparison


def test_columns__that_cannot_be_compared_say_why() -> None:
    problems = (
        ColumnProblem.NEW,
        ColumnProblem.VANISHED,
        ColumnProblem.TYPE,
        ColumnProblem.ALL_MISSING,
    )
    odd = [ColumnMeasure(p.name, ColumnKind.NUMBER, p) for p in problems]
    assert explanations.describe_coverage([QUIET, *odd[:3]]) == (
        "1 of 4 columns compared; not compared: NEW (not in the reference), VANISHED (vanished) "
        "and TYPE (of another type)"
    )
    assert explanations.describe_coverage([QUIET, *odd]).endswith(
        "TYPE (of another type) and 1 more"
    )
    assert explanations.describe_coverage(odd[3:]).endswith("ALL_MISSING (no values)")


def test_one_column_compared__is_enough_and_the_others_are_named() -> None:
    empty = ColumnMeasure("e", ColumnKind.OTHER, missing_reference=1.0)
    result = detection.detect([window(QUIET, empty)], rules=ONCE)
    assert (result.verdict, result.compared) == (DriftStatus.STABLE, 1)
    assert result.sentence == (
        "no data drift; 1 of 2 columns compared; not compared: e (no values)"
    )
    assert [column.verdict for column in result.columns] == [
        DriftStatus.STABLE,
        DriftStatus.INSUFFICIENT,
    ]


def test_broken_windows__count_for_no_persistence() -> None:
    torn = replace(window(LOUD), is_complete=False)
    assert verdicts(window(LOUD), torn, torn, window(LOUD)) == [
        "warning",
        "broken",
        "broken",
        "drift",
    ]
    assert verdicts(torn, torn, window(QUIET)) == ["broken", "broken", "stable"]
    spoilt = window(LOUD, replace(measured("y"), problem=ColumnProblem.UNIT))
    assert verdicts(spoilt, spoilt, window(LOUD))[-1] == "warning"


def test_window__that_is_not_whole_is_broken_by_no_column() -> None:
    result = detection.detect([replace(window(QUIET), is_complete=False)], rules=ONCE)
    assert (result.verdict, result.columns[0].verdict) == (DriftStatus.BROKEN, DriftStatus.STABLE)
    assert result.sentence == "the data cannot be used: the upstream data pipeline failed"


def test_columns__come_worst_first() -> None:
    result = detection.detect(
        [
            window(
                QUIET,
                measured("b", effect=0.2, p=1e-9),
                measured("a", effect=0.4, p=1e-9),
                replace(measured("z"), problem=ColumnProblem.VANISHED),
            )
        ],
        rules=ONCE,
    )
    assert [column.name for column in result.columns] == ["z", "a", "b", "x"]


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        (QUIET, "is as in the reference"),
        (
            ColumnMeasure("x", ColumnKind.TEXT),
            "is not compared (too many different values), except for missing values",
        ),
        (LOUD, "differs in 1 of 1 window: 20.0 % of rows moved; drift needs 2 of 3"),
        (
            replace(LOUD, mean_shift=-0.5, infinite=0.1, detail="new: 'z'"),
            "differs in 1 of 1 window: 20.0 % of rows moved, mean −0.50 σ, infinite 10.0 %, "
            "new: 'z'; drift needs 2 of 3",
        ),
        (
            replace(measured(rise=0.1, rise_p=1e-9), effect=None),
            "differs in 1 of 1 window: missing 10.0 % after 0.0 %; drift needs 2 of 3",
        ),
    ],
)
def test_sentence__says_what_is_there(column: ColumnMeasure, sentence: str) -> None:
    (only,) = detection.detect([window(column)], rules=RULES).columns
    assert only.sentence == sentence


def test_sentence__where_the_last_window_has_nothing_left_to_show() -> None:
    bare = ColumnMeasure("x", ColumnKind.NUMBER)
    other = measured("y")
    result = detection.detect([window(LOUD, other), window(bare, other)], rules=RULES).columns[0]
    assert result.sentence == "differs in 1 of 2 windows: nothing to compare; drift needs 2 of 3"


def test_summary__says_what_the_verdict_rests_on() -> None:
    assert (
        detection.detect([window(QUIET)], rules=RULES).sentence
        == "no data drift; 1 of 1 column compared"
    )
    assert (
        detection.detect([window(LOUD)], rules=ONCE).sentence == "x drifted; 1 of 1 column compared"
    )
    assert detection.detect([window(LOUD)], rules=RULES).sentence == (
        "x: different, but not in enough windows yet; 1 of 1 column compared"
    )


@given(st.lists(st.booleans(), min_size=1, max_size=8), st.integers(1, 4), st.integers(0, 4))
def test_persistence__counts_the_last_windows(loud: list[bool], needed: int, more: int) -> None:
    rules = DriftRules(persist=Persistence(needed, needed + more))
    result = detection.detect([window(LOUD if each else QUIET) for each in loud], rules=rules)
    hits = sum(loud[-(needed + more) :])
    expected = (
        DriftStatus.STABLE
        if not hits
        else DriftStatus.DRIFT
        if hits >= needed
        else DriftStatus.WARNING
    )
    assert result.verdict is expected
    assert result.columns[0].exceeded == tuple(loud[-(needed + more) :])


@pytest.mark.parametrize("text", ["2 of 3", " 2  of 3 ", "1 of 1"])
def test_persistence__is_read(text: str) -> None:
    result = rules.persistence(text)
    assert result is not None
    assert str(result) == " ".join(text.split())


@pytest.mark.parametrize("text", ["", "3 of 2", "0 of 3", "2/3", "two of three", "1 of 9999"])
def test_persistence__is_refused(text: str) -> None:
    assert rules.persistence(text) is None
