"""The windows of a model for display, and the order of their columns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring import drift_table
from interlock.domain.monitoring.monitoring_records import Cause
from tests import dashboard_cases, drift_cases
from tests.drift_cases import column, window


def test_arrange__of_nothing() -> None:
    assert drift_table.arrange(()) is None
    assert drift_table.columns_to_plot(()) == ()


def test_arrange__takes_windows_in_any_order() -> None:
    reports = drift_cases.drifting()
    assert drift_table.arrange(reversed(reports)) == drift_table.arrange(reports)


def test_arrange__leaves_out_another_champions_windows() -> None:
    before = window(1, DriftStatus.DRIFT, reference=drift_cases.EARLIER)
    view = drift_table.arrange((before, window(2), window(3)))
    assert view is not None
    assert view.verdicts == (DriftStatus.STABLE, DriftStatus.STABLE)


def test_arrange__shows_the_last_windows_alone() -> None:
    view = drift_table.arrange(window(day) for day in range(1, 25))
    assert view is not None
    assert view.newest.start == "2030-11-24T00:00:00Z"
    assert len(view.verdicts) == len(view.rows[0].history) == drift_table.WINDOWS


def test_arrange__ranks_by_verdict_then_by_importance_times_effect() -> None:
    columns = [
        column("big", 0.9, importance=0.1),
        column("weighty", 0.2, importance=0.6),
        column("untold", 0.5),  # counts as the mean of what was told: 0.35
        column("moved", 0.11, verdict=DriftStatus.DRIFT, importance=0.35),
        column("gone", None, verdict=DriftStatus.BROKEN),
    ]
    view = drift_table.arrange((window(1, DriftStatus.BROKEN, *columns),))
    assert view is not None
    assert [row.name for row in view.rows] == ["gone", "moved", "untold", "weighty", "big"]
    assert [row.name for row in view.moved] == ["gone", "moved"]


def test_arrange__a_column_that_was_not_there_before() -> None:
    new = column("new", 0.2, verdict=DriftStatus.WARNING)
    view = drift_table.arrange((window(1), window(2, DriftStatus.WARNING, new)))
    assert view is not None
    assert view.rows[0].history == (None, 0.2)
    assert view.top == 0.2


@pytest.mark.parametrize(
    ("statistics", "expected"),
    [
        ({}, None),
        ({"psi": 9.0}, None),
        ({"effect": 0.1}, 0.1),
        ({"effect": 0.1, "missing_rise": 0.4}, 0.4),
    ],
)
def test_effect__is_the_greatest_share_of_rows(
    statistics: dict[str, float], expected: float | None
) -> None:
    assert replace(column("age"), statistics=statistics).effect == expected


def test_top__without_any_effect() -> None:
    view = drift_table.arrange((window(1, DriftStatus.BROKEN, column("age", None)),))
    assert view is not None
    assert view.top == 0.0


def test_arrange__performance_may_be_worse() -> None:
    fallen = dashboard_cases.fallen("digits").performance
    assert fallen is not None
    of_another = replace(fallen, end="2030-11-09T00:00:00Z", reference=drift_cases.EARLIER)
    view = drift_table.arrange((window(1),), labelled=(fallen, of_another))
    assert view is not None
    assert (view.verdict, view.diagnosis.cause) == (DriftStatus.DRIFT, Cause.CONCEPT_DRIFT)
    assert view.labelled == fallen


def test_arrange__the_window_may_be_worse() -> None:
    fallen = dashboard_cases.fallen("wine").performance
    assert fallen is not None
    (view,) = drift_table.by_model(drift_cases.broken("wine"), labelled=(fallen,))
    assert (view.verdict, view.diagnosis.cause) == (DriftStatus.BROKEN, Cause.BROKEN_PIPELINE)


def test_columns_to_plot__moved_and_have_shares() -> None:
    bare = replace(column("bare", 0.5, verdict=DriftStatus.DRIFT), shares=())
    moved = column("moved", 0.2, verdict=DriftStatus.DRIFT)
    report = window(1, DriftStatus.DRIFT, bare, moved, column("calm"))
    assert [c.name for c in drift_table.columns_to_plot((report,))] == ["moved"]


def test_by_model__the_worst_first() -> None:
    stable = [window(1, model=name) for name in ("b", "a")]
    views = drift_table.by_model((*stable, *drift_cases.drifting("z")))
    assert [view.newest.model for view in views] == ["z", "a", "b"]
