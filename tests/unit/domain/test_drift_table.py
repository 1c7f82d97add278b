"""What is shown of a model's windows: which of them, and in which order the columns come."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring import drift_table
from interlock.domain.monitoring.monitoring_records import Cause, Diagnosis, Remedy
from tests import dashboard_cases, drift_cases
from tests.drift_cases import column, window


def test_look__of_nothing() -> None:
    assert drift_table.look(()) is None
    assert drift_table.ranked(()) == ()


def test_look__takes_windows_in_any_order() -> None:
    reports = drift_cases.drifting()
    assert drift_table.look(reversed(reports)) == drift_table.look(reports)


def test_look__leaves_out_another_champions_windows() -> None:
    before = window(1, DriftStatus.DRIFT, reference=drift_cases.EARLIER)
    view = drift_table.look((before, window(2), window(3)))
    assert view is not None
    assert view.verdicts == (DriftStatus.STABLE, DriftStatus.STABLE)


def test_look__shows_the_last_windows_alone() -> None:
    view = drift_table.look(window(day) for day in range(1, 25))
    assert view is not None
    assert view.newest.start == "2030-11-24T00:00:00Z"
    assert len(view.verdicts) == len(view.rows[0].history) == drift_table.WINDOWS


def test_look__ranks_by_verdict_then_by_importance_times_effect() -> None:
    columns = [
        column("big", 0.9, importance=0.1),
        column("weighty", 0.2, importance=0.6),
        column("untold", 0.5),  # counts as the mean of what was told: 0.35
        column("moved", 0.11, verdict=DriftStatus.DRIFT, importance=0.35),
        column("gone", None, verdict=DriftStatus.BROKEN),
    ]
    view = drift_table.look((window(1, DriftStatus.BROKEN, *columns),))
    assert view is not None
    assert [row.name for row in view.rows] == ["gone", "moved", "untold", "weighty", "big"]
    assert [row.name for row in view.moved] == ["gone", "moved"]


def test_look__a_column_that_was_not_there_before() -> None:
    new = column("new", 0.2, verdict=DriftStatus.WARNING)
    view = drift_table.look((window(1), window(2, DriftStatus.WARNING, new)))
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
    assert drift_table.effect(replace(column("age"), statistics=statistics)) == expected


def test_top__without_any_effect() -> None:
    view = drift_table.look((window(1, DriftStatus.BROKEN, column("age", None)),))
    assert view is not None
    assert view.top == 0.0


@pytest.mark.parametrize(
    ("verdict", "cause", "remedy", "sentence", "said"),
    [
        (
            DriftStatus.STABLE,
            Cause.NONE,
            Remedy.NOTHING,
            "live data looks as before",
            "is stable: live data looks as before. Nothing to do.",
        ),
        (
            DriftStatus.WARNING,
            Cause.NONE,
            Remedy.NOTHING,
            "age moved.",
            "is watched: age moved. Nothing to do.",
        ),
        (
            DriftStatus.INSUFFICIENT,
            Cause.NONE,
            Remedy.NOTHING,
            "",
            "cannot be told. Nothing to do.",
        ),
        (
            DriftStatus.DRIFT,
            Cause.CONCEPT_DRIFT,
            Remedy.RETRAIN,
            "f1_macro fell",
            "has drifted: the same inputs mean something else now (concept drift). Retrain it.",
        ),
    ],
)
def test_says__verdict_cause_and_remedy(
    verdict: DriftStatus, cause: Cause, remedy: Remedy, sentence: str, said: str
) -> None:
    diagnosis = Diagnosis(cause, remedy, 0.0, (), sentence)
    view = drift_table.look((window(1, verdict, diagnosis=diagnosis),))
    assert view is not None
    assert drift_table.says(view) == said


def test_look__the_labels_may_be_graver() -> None:
    fallen = dashboard_cases.fallen("digits").performance
    assert fallen is not None
    of_another = replace(fallen, end="2030-11-09T00:00:00Z", reference=drift_cases.EARLIER)
    view = drift_table.look((window(1),), labelled=(fallen, of_another))
    assert view is not None
    assert (view.verdict, view.diagnosis.cause) == (DriftStatus.DRIFT, Cause.CONCEPT_DRIFT)
    assert view.labelled == fallen


def test_look__the_window_may_be_graver() -> None:
    fallen = dashboard_cases.fallen("wine").performance
    assert fallen is not None
    (view,) = drift_table.by_model(drift_cases.broken("wine"), labelled=(fallen,))
    assert (view.verdict, view.diagnosis.cause) == (DriftStatus.BROKEN, Cause.BROKEN_PIPELINE)


@pytest.mark.parametrize(
    ("cause", "sentence", "said"),
    [
        (Cause.NONE, "age moved", "age moved. Nothing to do."),
        (Cause.NONE, "", "Nothing to do."),
        (
            Cause.SEASONALITY,
            "age moved as it did a week before",
            "it was like this a season ago (seasonality): age moved as it did a week before. "
            "Nothing to do.",
        ),
    ],
)
def test_explains__cause_evidence_and_remedy(cause: Cause, sentence: str, said: str) -> None:
    assert drift_table.explains(Diagnosis(cause, Remedy.NOTHING, 0.0, (), sentence)) == said


def test_ranked__has_what_a_picture_can_be_made_of() -> None:
    bare = replace(column("bare", 0.5, verdict=DriftStatus.DRIFT), shares=())
    moved = column("moved", 0.2, verdict=DriftStatus.DRIFT)
    report = window(1, DriftStatus.DRIFT, bare, moved, column("calm"))
    assert [c.name for c in drift_table.ranked((report,))] == ["moved"]


def test_by_model__the_gravest_first() -> None:
    stable = [window(1, model=name) for name in ("b", "a")]
    views = drift_table.by_model((*stable, *drift_cases.drifting("z")))
    assert [view.newest.model for view in views] == ["z", "a", "b"]


@pytest.mark.parametrize("table", [drift_table.GLYPHS, drift_table.SAYS])
def test_words__for_every_verdict(table: dict[DriftStatus, str]) -> None:
    assert set(table) == set(drift_table.GRAVITY) == set(DriftStatus)


def test_words__for_every_cause_and_remedy() -> None:
    assert set(drift_table.CAUSES) == set(Cause)
    assert set(drift_table.REMEDIES) == set(Remedy)
