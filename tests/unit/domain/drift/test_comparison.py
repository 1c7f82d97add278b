"""One window against the reference, on profiles that are made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interlock.domain.drift import comparison, measures
from interlock.domain.drift.measures import ColumnMeasure, ColumnProblem
from interlock.domain.drift.profile import ColumnKind, ColumnProfile
from tests.unit.domain.drift import columns

EDGES = tuple(range(0, 101, 10))
VALUES = [float(value) for value in range(100)]
REFERENCE = columns.numbers(VALUES, edges=EDGES)
WORDS = columns.words("a" * 60 + "b" * 40, known="ab")
TEXT = ColumnProfile("t", ColumnKind.TEXT, "String", 100, missing=1)


def measured(reference: ColumnProfile, live: ColumnProfile) -> ColumnMeasure:
    window_measure = comparison.compare(columns.profile(reference), columns.profile(live))
    (column,) = window_measure.columns
    return column


def test_numbers__that_are_the_same_lie_nowhere_apart() -> None:
    column_measure = measured(REFERENCE, REFERENCE)
    assert column_measure.problem is None
    assert (
        column_measure.effect,
        column_measure.psi,
        column_measure.wasserstein,
        column_measure.mean_shift,
    ) == (0, 0, 0, 0)
    assert (
        column_measure.p_value,
        column_measure.outside,
        column_measure.missing,
        column_measure.missing_p,
    ) == (1, 0, 0, None)


def test_numbers__that_moved() -> None:
    column_measure = measured(REFERENCE, columns.numbers([v + 20 for v in VALUES], edges=EDGES))
    assert column_measure.effect == pytest.approx(0.2)
    assert column_measure.outside == pytest.approx(0.2)
    spread = 49.5 / 1.349
    assert column_measure.wasserstein == pytest.approx(20 / spread)
    assert column_measure.mean_shift == pytest.approx(20 / spread)


@pytest.mark.parametrize(
    ("values", "problem", "detail"),
    [
        ([v * 100 for v in VALUES], ColumnProblem.UNIT, "100"),
        ([v / 10 for v in VALUES], ColumnProblem.UNIT, "0.1"),
        ([v * 100 for v in VALUES[::5]], None, ""),  # too few to say
        ([v * 3 for v in VALUES], None, ""),
        ([0.0] * 100, None, ""),
        ([v * 10 if v > 60 else v for v in VALUES], None, ""),
    ],
)
def test_unit__is_detected_by_quartiles(
    values: list[float], problem: ColumnProblem, detail: str
) -> None:
    column_measure = measured(REFERENCE, columns.numbers(values, edges=EDGES))
    assert (column_measure.problem, column_measure.detail) == (problem, detail)


def test_unit__is_not_detected_without_quartiles() -> None:
    live = columns.numbers([v * 10 for v in VALUES], edges=EDGES)
    for one, other in (
        (replace(REFERENCE, quartiles=None), live),
        (REFERENCE, replace(live, quartiles=None)),
    ):
        assert measured(one, other).problem is None


def test_constant__has_no_spread_to_measure_by() -> None:
    constant = columns.numbers([5.0] * 50, edges=(5.0, 5.1))
    column_measure = measured(constant, columns.numbers([6.0] * 50, edges=(5.0, 5.1)))
    assert (column_measure.wasserstein, column_measure.mean_shift, column_measure.effect) == (
        None,
        None,
        1,
    )


def test_spread__falls_back_on_the_standard_deviation() -> None:
    mostly = columns.numbers([0.0] * 90 + [10.0] * 10, edges=(0.0, 0.1, 10.0))
    column_measure = measured(
        mostly, columns.numbers([0.0] * 80 + [10.0] * 20, edges=(0.0, 0.1, 10.0))
    )
    assert column_measure.wasserstein == pytest.approx(1 / 3)


def test_numbers__that_overflow_have_no_mean() -> None:
    wide = replace(REFERENCE, mean=-1.7e308, quartiles=(0.0, 1e-3, 2e-3))
    assert measured(wide, replace(wide, mean=1.7e308)).mean_shift is None
    assert measured(wide, replace(wide, mean=None)).mean_shift is None


def test_infinities__count_as_missing_and_end_the_area() -> None:
    live = replace(REFERENCE, infinite=20)
    column_measure = measured(REFERENCE, live)
    assert (column_measure.wasserstein, column_measure.infinite, column_measure.missing) == (
        None,
        0.2,
        0,
    )
    assert column_measure.missing_rise == pytest.approx(0.2)
    assert column_measure.missing_p is not None
    assert column_measure.missing_p < 1e-4


def test_numbers__without_edges_are_not_compared() -> None:
    column_measure = measured(replace(REFERENCE, edges=()), REFERENCE)
    assert column_measure.effect is None


def test_categories__new_and_vanished_are_named() -> None:
    column_measure = measured(WORDS, columns.words("a" * 70 + "xyzw" * 8, known="ab"))
    assert column_measure.detail == "new: 'w', 'x', 'y'; vanished: 'b'"
    assert column_measure.unseen == pytest.approx(32 / 102)
    assert column_measure.vanished == pytest.approx(0.4)
    assert column_measure.effect == pytest.approx(0.4)
    assert column_measure.p_value is not None
    assert column_measure.p_value < 1e-9


def test_categories__that_are_rare_are_counted_together_and_not_missed() -> None:
    reference = columns.words("a" * 95 + "bcdef", known="abcdef")
    column_measure = measured(reference, columns.words("a" * 95 + "ggggg", known="abcdef"))
    assert column_measure.p_value == pytest.approx(1)
    assert column_measure.detail == "new: 'g'"
    assert column_measure.vanished == pytest.approx(0.05)


def test_categories__beyond_those_that_are_counted_are_not_called_new() -> None:
    reference = columns.words("a" * 80 + "xyxyxyxyxyxyxyxyxyxy", known="a")
    column_measure = measured(reference, columns.words("a" * 80 + "z" * 20, known="a"))
    assert (column_measure.unseen, column_measure.detail, column_measure.effect) == (None, "", 0)


def test_missing__is_measured_of_what_is_not_compared() -> None:
    column_measure = measured(TEXT, replace(TEXT, missing=31))
    assert column_measure.missing_rise == pytest.approx(0.3)
    assert (column_measure.effect, column_measure.p_value) == (None, None)


def test_column__of_another_type() -> None:
    column_measure = measured(WORDS, replace(WORDS, kind=ColumnKind.OTHER, type="List(String)"))
    assert (column_measure.problem, column_measure.detail) == (
        ColumnProblem.TYPE,
        "String became List(String)",
    )


def test_column__without_values_is_broken_where_chance_would_not_make_it_so() -> None:
    gone = columns.numbers([], edges=EDGES, missing=100)
    assert measured(REFERENCE, gone).problem is ColumnProblem.ALL_MISSING
    mostly = replace(REFERENCE, rows=10_000, missing=9_900)
    assert measured(mostly, gone).problem is None
    assert measured(gone, REFERENCE).effect is None


def test_columns__that_vanished_and_new_ones() -> None:
    window_measure = comparison.compare(
        columns.profile(REFERENCE, WORDS), columns.profile(REFERENCE, TEXT)
    )
    assert [(c.name, c.problem) for c in window_measure.columns] == [
        ("x", None),
        ("c", ColumnProblem.VANISHED),
        ("t", ColumnProblem.NEW),
    ]


def test_window__without_rows_measures_nothing() -> None:
    empty = columns.profile(columns.numbers([], edges=EDGES))
    window_measure = comparison.compare(columns.profile(REFERENCE), empty)
    assert window_measure.columns == (ColumnMeasure("x", ColumnKind.NUMBER),)
    assert (window_measure.rows, window_measure.reference_rows) == (0, 100)


def test_statistics__come_back_as_they_were() -> None:
    column_measure = measured(REFERENCE, columns.numbers([v + 20 for v in VALUES], edges=EDGES))
    kept = measures.statistics(column_measure)
    assert None not in kept.values()
    assert (
        measures.restored("x", kind=ColumnKind.NUMBER, statistics=kept | {"odd": 1.0})
        == column_measure
    )


def test_odd_values__are_missing_and_named() -> None:
    live = replace(
        columns.numbers([1.0] * 90, edges=EDGES, missing=10), unreadable=2, other_values=("ERR",)
    )
    column_measure = comparison.compare(columns.profile(REFERENCE), columns.profile(live)).columns[
        0
    ]
    assert column_measure.detail == "2 values cannot be read as Float64, for example 'ERR'"
    assert column_measure.missing == 0.1
    one = replace(live, unreadable=1)
    column_measure = comparison.compare(columns.profile(REFERENCE), columns.profile(one)).columns[0]
    assert column_measure.detail.startswith("1 value cannot be read")
