"""What fits a window's evidence, on constructed cases, and what is done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.basics import timestamps
from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring import diagnosis
from interlock.domain.monitoring.diagnosis import WindowResult
from interlock.domain.monitoring.monitoring_records import (
    Cause,
    ColumnReport,
    Diagnosis,
    DriftReport,
    Performance,
    Remedy,
    Share,
)

END = "2026-11-08T00:00:00Z"
CALM = Diagnosis(Cause.NONE, Remedy.NOTHING, 0.0, (), "no data drift")


def column(
    name: str,
    verdict: DriftStatus = DriftStatus.STABLE,
    *,
    effect: float | None = None,
    importance: float | None = None,
    live: tuple[float, float] = (0.5, 0.5),
    statistics: Mapping[str, float] | None = None,
) -> ColumnReport:
    usual = 0.3 if verdict is DriftStatus.DRIFT else 0.01
    return ColumnReport(
        name=name,
        kind="number",
        verdict=verdict,
        sentence=f"is {verdict}",
        statistics={"effect": usual if effect is None else effect} | dict(statistics or {}),
        importance=importance,
        shares=(Share("low", 0.5, live[0]), Share("high", 0.5, live[1])),
    )


def window_result(
    *columns: ColumnReport, rows: int = 1000, reference_rows: int = 1000, problem: str = ""
) -> WindowResult:
    verdicts = [each.verdict for each in columns]
    order = (
        DriftStatus.BROKEN,
        DriftStatus.DRIFT,
        DriftStatus.WARNING,
        DriftStatus.STABLE,
        DriftStatus.INSUFFICIENT,
    )
    worst = min(verdicts, key=order.index, default=DriftStatus.STABLE)
    return WindowResult(
        start="2026-11-07T00:00:00Z",
        end=END,
        rows=rows,
        reference_rows=reference_rows,
        min_rows=500,
        verdict=DriftStatus.BROKEN if problem else worst,
        columns=columns,
        problem=problem,
    )


def past(days_ago: int, *columns: ColumnReport) -> DriftReport:
    end = (timestamps.read(END) or 0) - days_ago * timestamps.DAY_SECONDS
    return DriftReport(
        model="digits",
        start=timestamps.write(end - timestamps.DAY_SECONDS),
        end=timestamps.write(end),
        rows=1000,
        verdict=DriftStatus.STABLE,
        reference="a" * 64,
        reference_rows=1000,
        diagnosis=CALM,
        at=timestamps.write(end),
        columns=columns,
    )


def performance(verdict: DriftStatus) -> Performance:
    return Performance(
        "f1_macro", 0.95, 0.85, -0.1, None, 600, verdict, "f1_macro fell from 0.95 to 0.85"
    )


def summary(result: Diagnosis) -> tuple[Cause, Remedy, tuple[str, ...]]:
    return result.cause, result.remedy, result.columns


def test_diagnose__an_empty_window_is_a_broken_pipeline() -> None:
    result = diagnosis.diagnose(window_result(column("age"), rows=0, problem="no rows"))
    assert summary(result) == (Cause.BROKEN_PIPELINE, Remedy.FIX_DATA, ())
    assert result.severity == 1
    assert result.sentence == "no rows"


def test_diagnose__broken_columns_are_listed_by_importance() -> None:
    broken = [
        column(name, DriftStatus.BROKEN, importance=i)
        for name, i in zip("abcd", range(4), strict=True)
    ]
    result = diagnosis.diagnose(
        window_result(*broken, column("e", DriftStatus.DRIFT, importance=4))
    )
    assert summary(result)[:2] == (Cause.BROKEN_PIPELINE, Remedy.FIX_DATA)
    assert result.columns == ("d", "c", "b", "a")
    assert result.severity == pytest.approx(0.6)
    assert result.sentence == "d is broken; c is broken; b is broken; 1 more column"


def test_diagnose__a_broken_pipeline_comes_before_a_performance_loss() -> None:
    result = diagnosis.diagnose(
        window_result(column("age", DriftStatus.BROKEN)), performance=performance(DriftStatus.DRIFT)
    )
    assert result.cause is Cause.BROKEN_PIPELINE


def test_diagnose__too_few_rows_need_nothing() -> None:
    result = diagnosis.diagnose(window_result(column("age", DriftStatus.INSUFFICIENT), rows=20))
    assert summary(result) == (Cause.NONE, Remedy.NOTHING, ())
    assert "only 20 rows; `min_rows` is 500" in result.sentence


def test_diagnose__too_few_reference_rows() -> None:
    few = window_result(column("age", DriftStatus.INSUFFICIENT), reference_rows=20)
    assert diagnosis.diagnose(few).sentence == "only 20 reference rows; `min_rows` is 500"


@pytest.mark.parametrize(
    ("verdict", "words"),
    [(DriftStatus.STABLE, "no data drift"), (DriftStatus.WARNING, "age is warning")],
)
def test_diagnose__no_drift_needs_nothing(verdict: DriftStatus, words: str) -> None:
    result = diagnosis.diagnose(window_result(column("age", verdict)))
    assert summary(result) == (Cause.NONE, Remedy.NOTHING, ())
    assert words in result.sentence


def test_diagnose__shifted_inputs_need_a_retraining() -> None:
    result = diagnosis.diagnose(window_result(column("age", DriftStatus.DRIFT), column("zip")))
    assert summary(result) == (Cause.COVARIATE_SHIFT, Remedy.RETRAIN, ("age",))
    assert result.severity == pytest.approx(0.15)


def test_diagnose__unimportant_inputs_need_nothing() -> None:
    columns = column("age", DriftStatus.DRIFT, importance=0.01), column("zip", importance=0.99)
    result = diagnosis.diagnose(window_result(*columns))
    assert summary(result) == (Cause.COVARIATE_SHIFT, Remedy.NOTHING, ("age",))
    assert "little importance" in result.sentence


def test_diagnose__unimportant_inputs_count_with_shifted_predictions() -> None:
    columns = column("age", DriftStatus.DRIFT, importance=0.01), column("zip", importance=0.99)
    result = diagnosis.diagnose(window_result(*columns, column("prediction", DriftStatus.DRIFT)))
    assert summary(result) == (Cause.COVARIATE_SHIFT, Remedy.RETRAIN, ("age", "prediction"))


def test_diagnose__inputs_without_an_importance() -> None:
    columns = column("age", DriftStatus.DRIFT), column("zip", importance=1.0)
    assert diagnosis.diagnose(window_result(*columns)).remedy is Remedy.NOTHING


def test_diagnose__the_severity_of_missing_values_is_their_increase() -> None:
    moved = column("age", DriftStatus.DRIFT, effect=0.0, statistics={"missing_rise": 0.4})
    assert diagnosis.diagnose(window_result(moved)).severity == pytest.approx(0.4)


def test_diagnose__shifted_predictions_alone_are_label_shift() -> None:
    outputs = (
        column("prediction", DriftStatus.DRIFT),
        column("score_yes", DriftStatus.DRIFT, effect=0.1),
    )
    result = diagnosis.diagnose(window_result(column("age"), *outputs))
    assert summary(result) == (Cause.LABEL_SHIFT, Remedy.RETRAIN, ("prediction", "score_yes"))
    assert result.sentence.startswith("prediction and score_yes drifted, but no input did")


def test_diagnose__a_performance_loss_without_drift_is_concept_drift() -> None:
    result = diagnosis.diagnose(
        window_result(column("age")), performance=performance(DriftStatus.DRIFT)
    )
    assert summary(result) == (Cause.CONCEPT_DRIFT, Remedy.RETRAIN, ())
    assert result.severity == pytest.approx(0.1)
    assert result.sentence == "f1_macro fell from 0.95 to 0.85, while no input drifted"


def test_diagnose__a_performance_loss_with_drift_is_covariate_shift() -> None:
    columns = column("age", DriftStatus.DRIFT), column("prediction", DriftStatus.DRIFT)
    result = diagnosis.diagnose(window_result(*columns), performance=performance(DriftStatus.DRIFT))
    assert summary(result) == (Cause.COVARIATE_SHIFT, Remedy.RETRAIN, ("age",))


def test_diagnose__a_stable_metric_changes_nothing() -> None:
    window = window_result(column("age", DriftStatus.DRIFT))
    held = diagnosis.diagnose(window, performance=performance(DriftStatus.STABLE))
    assert held == diagnosis.diagnose(window)


MOVED = column("age", DriftStatus.DRIFT, live=(0.1, 0.9))
BEFORE = column("age", live=(0.12, 0.88))
USUAL = column("age", live=(0.5, 0.5))


@pytest.mark.parametrize(("days", "words"), [(7, "a week"), (364, "a year"), (365, "a year")])
def test_diagnose__the_same_a_season_ago_is_seasonality(days: int, words: str) -> None:
    between = [past(ago, USUAL) for ago in range(1, 6)]
    result = diagnosis.diagnose(window_result(MOVED), past=[past(days, BEFORE), *between])
    assert summary(result) == (Cause.SEASONALITY, Remedy.NOTHING, ("age",))
    assert words in result.sentence


def test_diagnose__a_weekend_is_seasonality() -> None:
    days = [past(7, BEFORE), *(past(ago, USUAL) for ago in range(2, 7)), past(1, BEFORE)]
    assert diagnosis.diagnose(window_result(MOVED), past=days).cause is Cause.SEASONALITY


@pytest.mark.parametrize(
    "days",
    [
        [],
        [past(1, USUAL)],
        [past(7, USUAL), past(1, USUAL)],
        [past(7, BEFORE)],
        [past(ago, BEFORE) for ago in range(1, 8)],
        [past(7, column("zip")), past(1, USUAL)],
        [past(7, replace(BEFORE, shares=())), past(1, USUAL)],
    ],
    ids=["no past", "no week", "unlike", "none between", "it stayed", "no column", "no shares"],
)
def test_diagnose__not_seasonality(days: list[DriftReport]) -> None:
    assert diagnosis.diagnose(window_result(MOVED), past=days).cause is Cause.COVARIATE_SHIFT


def test_diagnose__without_shares_is_not_seasonality() -> None:
    bare = replace(MOVED, shares=())
    days = [past(7, replace(BEFORE, shares=())), past(1, USUAL)]
    assert diagnosis.diagnose(window_result(bare), past=days).cause is Cause.COVARIATE_SHIFT


def test_diagnose__broken_data_always_has_a_sentence() -> None:
    window = replace(window_result(column("age")), verdict=DriftStatus.BROKEN)
    assert diagnosis.diagnose(window).sentence == "live data is broken"


def test_diagnose__names_three_columns_and_counts_the_rest() -> None:
    result = diagnosis.diagnose(
        window_result(*(column(name, DriftStatus.DRIFT) for name in "abcde"))
    )
    assert result.sentence.startswith("a, b, c and 2 more drifted")


COLUMNS = st.lists(
    st.builds(
        column,
        st.sampled_from(["age", "zip", "prediction", "score_a"]),
        st.sampled_from(DriftStatus),
        effect=st.floats(0, 1),
        importance=st.none() | st.floats(0, 1),
    ),
    unique_by=lambda each: each.name,
    max_size=4,
)


@given(COLUMNS, st.none() | st.sampled_from(DriftStatus))
def test_diagnose__never_retrains_on_broken_data(
    columns: list[ColumnReport], fell: DriftStatus | None
) -> None:
    window = window_result(*columns)
    result = diagnosis.diagnose(window, performance=performance(fell) if fell else None)
    assert result.sentence
    assert result.severity >= 0
    assert set(result.columns) <= {each.name for each in columns}
    broken = window.verdict is DriftStatus.BROKEN
    assert (result.remedy is Remedy.FIX_DATA) == broken
    if result.remedy is Remedy.RETRAIN:
        assert window.verdict is DriftStatus.DRIFT or fell is DriftStatus.DRIFT
