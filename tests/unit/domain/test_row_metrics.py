"""Metrics of the manifest's own: definition, direction, and what a change of them is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interlock.domain.evaluation import gates, relaxed_gates, rule_changes, scores
from interlock.domain.model import metrics
from interlock.domain.model.column_map import ColumnMap
from interlock.domain.model.manifest import (
    Aggregate,
    Better,
    Evaluation,
    Manifest,
    Outputs,
    PredictionsOutput,
    RowMetric,
    Task,
)
from interlock.domain.model.policy import Policy
from tests import report_cases

MEAN = RowMetric("exact_match", Aggregate.MEAN, ("em",), Better.GREATER)
P95 = RowMetric("latency", Aggregate.QUANTILE, ("ms",), Better.SMALLER, 0.95)


def manifest(*own: RowMetric, group: str | None = None) -> Manifest:
    columns = ColumnMap(measured=("em",), group=group or "", is_scored=True)
    return replace(
        report_cases.manifest(),
        task=Task.SCORED,
        outputs=Outputs("m", PredictionsOutput("p.csv", columns)),
        evaluation=Evaluation("exact_match", metrics=own, group=group),
    )


def key(declared: Manifest) -> str:
    return gates.key(fingerprint="f" * 64, manifest=declared, policy=Policy(), champion=None)


@pytest.mark.parametrize(
    ("metric", "text"),
    [
        (MEAN, "mean of em"),
        (P95, "quantile 0.95 of ms"),
        (RowMetric("wer", Aggregate.RATIO, ("errors", "words"), Better.SMALLER),
         "ratio of errors by words"),
    ],
)  # fmt: skip
def test_text__is_the_definition(metric: RowMetric, text: str) -> None:
    assert metric.text == text


@pytest.mark.parametrize(
    ("aggregate", "limits"),
    [(Aggregate.RATE, (0, 1)), (Aggregate.RMSE, (0, None)), (Aggregate.SUM, (None, None))],
)
def test_of_rows__has_direction_and_range(
    aggregate: Aggregate, limits: tuple[float | None, float | None]
) -> None:
    metric = metrics.of_rows(replace(MEAN, aggregate=aggregate))
    assert metric.greater_is_better
    assert (metric.low, metric.high) == limits


def test_request__names_own_metrics_first() -> None:
    own = scores.request(Evaluation("exact_match", metrics=(MEAN,)), task=Task.SCORED, rules=())
    assert own.names == ["exact_match"]
    other = scores.request(Evaluation("rmse", metrics=(MEAN,)), task=Task.REGRESSION, rules=())
    assert other.names[:2] == ["exact_match", "mae"]


def test_change__of_a_definition_is_reported_and_evaluates_again() -> None:
    before, after = manifest(MEAN, P95), manifest(replace(MEAN, columns=("soft",)))
    assert relaxed_gates.find(before, after) == (
        "evaluate.metrics: exact_match changed from mean of em (better greater) to mean of soft "
        "(better greater)",
        "evaluate.metrics no longer has latency",
    )
    (change,) = rule_changes.differences(before, after)
    assert change.name == "evaluate.metrics"
    assert key(before) != key(after)
    assert relaxed_gates.find(after, after) == ()


def test_change__of_the_group_is_reported_and_evaluates_again() -> None:
    before, after = manifest(MEAN, group="day"), manifest(MEAN)
    assert relaxed_gates.find(before, after) == (
        "evaluate.group changed from day to none: intervals are drawn otherwise",
    )
    assert [each.name for each in rule_changes.differences(before, after)] == ["evaluate.group"]
    assert key(before) != key(after)


def test_columns__of_a_scored_task_are_an_id_and_the_measured_ones() -> None:
    columns = ColumnMap(id=("a", "b"), measured=("em", "ms"), group="day", is_scored=True)
    assert columns.required == ("a", "b", "em", "ms", "day")
    assert columns.text == "id a + b"
    assert not columns.is_plain
    plain = ColumnMap(measured=("em",), group="day")
    assert plain.required == ("id", "target", "prediction", "em", "day")
    assert plain.is_plain
    assert PredictionsOutput("p.csv", plain).columns_text == "id, target, prediction"


def test_task__has_classes_or_not() -> None:
    assert [task.has_classes for task in Task] == [True, True, False, False, False]
