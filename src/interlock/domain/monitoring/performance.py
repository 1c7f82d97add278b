"""Compares a metric on labelled live rows with the champion's score at its promotion."""

from __future__ import annotations

from dataclasses import replace

from interlock.domain.basics import figures
from interlock.domain.basics.interval import Interval
from interlock.domain.basics.refusal import Refusal
from interlock.domain.drift.status import DriftStatus
from interlock.domain.evaluation.scores import MetricValue
from interlock.domain.model.monitor_rules import PerformanceRule
from interlock.domain.monitoring.monitoring_records import Performance


def evaluate(
    measured: MetricValue, *, rule: PerformanceRule, reference: float | None, min_rows: int
) -> Performance:
    """Compare the live metric with `reference`, the champion's score.

    The rows differ, so the comparison is not paired: the interval is the one of the live metric
    minus the reference. Drift: the whole interval is worse than the rule allows. Warning: only the
    metric is.
    """
    value, interval = measured.value, measured.interval
    refusal = _refuse(measured, reference, min_rows=min_rows)
    performance = Performance(
        metric=rule.metric,
        reference=reference,
        live=value,
        difference=None,
        interval=None,
        rows=measured.rows,
        verdict=DriftStatus.INSUFFICIENT,
        sentence=f"{_name(measured)}: {refusal}",
    )
    if refusal is not None or value is None or interval is None or reference is None:
        return performance
    change = Interval(interval.low - reference, interval.high - reference, interval.confidence)
    return _compare(performance, value - reference, change, rule, name=_name(measured))


def _name(measured: MetricValue) -> str:
    of = f" of class {measured.positive}" if measured.positive else ""
    return measured.metric + of


def missing_labels(rule: PerformanceRule, *, reference: float | None, rows: int) -> Performance:
    """Return the result of a window with labels that did not arrive in time."""
    problem = f"labels of {rows:,} rows arrived, which is too few to decide"
    nothing = MetricValue(rule.metric, None, None, rows, problem)
    return evaluate(nothing, rule=rule, reference=reference, min_rows=0)


def _refuse(measured: MetricValue, reference: float | None, *, min_rows: int) -> Refusal | None:
    """Return the reason why the metric cannot be compared."""
    if measured.problem or measured.interval is None:
        return Refusal(measured.problem or "no interval was computed")
    if reference is None:
        return Refusal("the champion has no score of this metric to compare with")
    if measured.rows < min_rows:
        return Refusal(f"only {measured.rows:,} rows have labels; `min_rows` is {min_rows:,}")
    return None


def _compare(
    performance: Performance,
    difference: float,
    interval: Interval,
    rule: PerformanceRule,
    *,
    name: str,
) -> Performance:
    """A rule limits a drop or a rise; relative to the limit, both are the same question."""
    if rule.max_drop is not None:
        least, observed, limit = -interval.high, -difference, rule.max_drop
    else:
        least, observed, limit = interval.low, difference, rule.max_rise or 0.0
    verdict = DriftStatus.STABLE
    if observed > limit:
        verdict = DriftStatus.DRIFT if least > limit else DriftStatus.WARNING
    sentence = _sentence(performance, verdict, name=name, limit=limit)
    return replace(
        performance, difference=difference, interval=interval, verdict=verdict, sentence=sentence
    )


def _sentence(performance: Performance, verdict: DriftStatus, *, name: str, limit: float) -> str:
    change = (
        f"{name} changed from {figures.number(performance.reference)} to "
        f"{figures.number(performance.live)} on {performance.rows:,} live rows"
    )
    if verdict is DriftStatus.DRIFT:
        return f"{change}, by more than {figures.number(limit)} (significant)"
    if verdict is DriftStatus.WARNING:
        return f"{change}, by more than {figures.number(limit)} (not significant)"
    return change
