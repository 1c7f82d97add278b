"""A metric on live rows beside the champion's own: fell, seems to have, held, or nothing known."""

from __future__ import annotations

import pytest

from interlock.domain.basics.interval import Interval
from interlock.domain.drift.status import DriftStatus
from interlock.domain.evaluation.scores import MetricValue
from interlock.domain.model import evidence
from interlock.domain.model.evidence import Artifact, Candidate, Evidence, Rows, RunFacts
from interlock.domain.model.lineage import Lineage
from interlock.domain.model.monitor_rules import PerformanceRule
from interlock.domain.monitoring import performance
from interlock.domain.monitoring.monitoring_records import Performance

CANDIDATE = Candidate(
    name="payments",
    fingerprint="a" * 64,
    revision="b" * 40,
    run_id="run",
    lineage=Lineage("payments", (), ()),
    model=Artifact("model", "0" * 64, 1),
    predictions=Artifact("predictions.csv", "0" * 64, 1),
    files=(),
    facts=RunFacts(seconds=1.0),
)
DROP = PerformanceRule(labels="data/labels/*.parquet", metric="f1_macro", max_drop=0.02)
RISE = PerformanceRule(labels="data/labels/*.parquet", metric="rmse", max_rise=2.0)


def judge(
    value: float | None,
    low: float = 0.0,
    high: float = 0.0,
    *,
    rule: PerformanceRule = DROP,
    reference: float | None = 0.95,
    rows: int = 600,
    problem: str = "",
) -> Performance:
    interval = None if value is None else Interval(low, high, 0.95)
    measured = MetricValue(rule.metric, value, interval, rows, problem)
    return performance.evaluate(measured, rule=rule, reference=reference, min_rows=500)


@pytest.mark.parametrize(
    ("value", "low", "high", "verdict", "words"),
    [
        (
            0.80,
            0.77,
            0.83,
            DriftStatus.DRIFT,
            "changed from 0.950 to 0.800 on 600 live rows, by more than 0.020 (significant)",
        ),
        (0.92, 0.90, 0.94, DriftStatus.WARNING, "(not significant)"),
        (0.94, 0.90, 0.96, DriftStatus.STABLE, "changed from 0.950 to 0.940 on 600 live rows"),
        (0.99, 0.98, 1.00, DriftStatus.STABLE, "to 0.990"),
    ],
)
def test_judge__of_what_may_drop(
    value: float, low: float, high: float, verdict: DriftStatus, words: str
) -> None:
    performance_result = judge(value, low, high)
    assert performance_result.verdict is verdict
    assert words in performance_result.sentence
    assert performance_result.difference == pytest.approx(value - 0.95)
    assert performance_result.interval is not None
    assert performance_result.interval.low == pytest.approx(low - 0.95)


@pytest.mark.parametrize(
    ("value", "low", "high", "verdict"),
    [
        (60.0, 55.0, 65.0, DriftStatus.DRIFT),
        (53.0, 51.0, 55.0, DriftStatus.WARNING),
        (51.0, 45.0, 56.0, DriftStatus.STABLE),
        (10.0, 9.0, 11.0, DriftStatus.STABLE),
    ],
)
def test_judge__of_what_may_rise(
    value: float, low: float, high: float, verdict: DriftStatus
) -> None:
    assert judge(value, low, high, rule=RISE, reference=50.0).verdict is verdict


def test_judge__without_a_reference_says_so() -> None:
    performance_result = judge(0.5, 0.4, 0.6, reference=None)
    assert (performance_result.verdict, performance_result.difference) == (
        DriftStatus.INSUFFICIENT,
        None,
    )
    assert "the champion has no score of this metric" in performance_result.sentence


def test_judge__of_few_labels_says_so() -> None:
    performance_result = judge(0.5, 0.4, 0.6, rows=499)
    assert performance_result.verdict is DriftStatus.INSUFFICIENT
    assert "only 499 rows have labels; `min_rows` is 500" in performance_result.sentence


def test_judge__of_what_cannot_be_measured_says_why() -> None:
    performance_result = judge(None, problem="needs the columns score_<class>")
    assert performance_result.verdict is DriftStatus.INSUFFICIENT
    assert performance_result.sentence == "f1_macro: needs the columns score_<class>"


def test_judge__without_a_value_or_a_problem() -> None:
    assert judge(None).sentence == "f1_macro: no interval was computed"


def test_missing__is_insufficient() -> None:
    performance_result = performance.missing_labels(DROP, reference=0.95, rows=3)
    assert (performance_result.verdict, performance_result.rows) == (DriftStatus.INSUFFICIENT, 3)
    assert "labels of 3 rows arrived" in performance_result.sentence


def test_judge__names_the_positive_class() -> None:
    measured = MetricValue("recall", 0.5, Interval(0.4, 0.6, 0.95), 600, positive="fraud")
    rule = PerformanceRule(labels="labels.csv", metric="recall", max_drop=0.1)
    performance_result = performance.evaluate(measured, rule=rule, reference=0.9, min_rows=1)
    assert performance_result.sentence.startswith(
        "recall of class fraud changed from 0.900 to 0.500"
    )


@pytest.mark.parametrize(
    ("recorded", "measured", "declared", "expected"),
    [
        ("fraud", "fraud", "fraud", 0.9),
        ("legit", "fraud", "fraud", None),
        ("", "fraud", "fraud", None),
        ("", "1", None, 0.9),
        ("1", "1", None, 0.9),
        ("0", "1", None, None),
        ("fraud", "", "fraud", 0.9),
    ],
)
def test_score__of_another_positive_class_is_none_to_compare_with(
    recorded: str, measured: str, declared: str | None, expected: float | None
) -> None:
    known = Evidence(CANDIDATE, Rows(1, "0" * 64), {"recall": 0.9}, positive=recorded)
    assert evidence.score(known, "recall", positive=measured, declared=declared) == expected
    assert evidence.score(known, "f1", positive=measured, declared=declared) is None
