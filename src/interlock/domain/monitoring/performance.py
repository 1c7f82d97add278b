"""Whether a metric on live rows has fallen from what the champion was promoted with; pure."""

from __future__ import annotations

from interlock.domain.basics import figures
from interlock.domain.basics.interval import Interval
from interlock.domain.drift.status import DriftStatus
from interlock.domain.evaluation.scores import MetricValue
from interlock.domain.model.monitor_rules import PerformanceRule
from interlock.domain.monitoring.monitoring_records import Performance


def judge(
    measured: MetricValue, *, rule: PerformanceRule, reference: float | None, min_rows: int
) -> Performance:
    """Return how live rows did beside `reference`, the champion's own score.

    The interval is that of the live metric, moved by the reference: they are other rows, so that
    nothing is paired. It fell when the whole interval lies beyond what the rule lets go; it is
    watched when the number does and the interval does not.
    """
    value, interval = measured.value, measured.interval
    problem = _problem(measured, reference, min_rows=min_rows)
    found = Performance(
        metric=rule.metric,
        reference=reference,
        live=value,
        difference=None,
        interval=None,
        rows=measured.rows,
        verdict=DriftStatus.INSUFFICIENT,
        sentence=f"{_name(measured)}: {problem}",
    )
    if problem or value is None or interval is None or reference is None:
        return found
    moved = Interval(interval.low - reference, interval.high - reference, interval.confidence)
    return _judged(found, value - reference, moved, rule, name=_name(measured))


def _name(measured: MetricValue) -> str:
    of = f" of class {measured.positive}" if measured.positive else ""
    return measured.metric + of


def missing(rule: PerformanceRule, *, reference: float | None, rows: int) -> Performance:
    """Return what is said of a window whose labels were waited for and did not come."""
    problem = f"labels of {rows:,} rows came, which is too few to say anything"
    nothing = MetricValue(rule.metric, None, None, rows, problem)
    return judge(nothing, rule=rule, reference=reference, min_rows=0)


def _problem(measured: MetricValue, reference: float | None, *, min_rows: int) -> str:
    """Why nothing can be said; empty when something can."""
    if measured.problem:
        return measured.problem
    if reference is None:
        return "the champion has no such score to be held beside"
    if measured.rows < min_rows:
        return f"{measured.rows:,} rows have labels, and {min_rows:,} are needed to say anything"
    return ""


def _judged(
    found: Performance,
    difference: float,
    interval: Interval,
    rule: PerformanceRule,
    *,
    name: str,
) -> Performance:
    """A metric may drop, or it may rise; seen from the limit, both are one question."""
    if rule.max_drop is not None:
        nearest, seems, limit = -interval.high, -difference, rule.max_drop
    else:
        nearest, seems, limit = interval.low, difference, rule.max_rise or 0.0
    verdict = DriftStatus.STABLE
    if seems > limit:
        verdict = DriftStatus.DRIFT if nearest > limit else DriftStatus.WARNING
    return Performance(
        metric=found.metric,
        reference=found.reference,
        live=found.live,
        difference=difference,
        interval=interval,
        rows=found.rows,
        verdict=verdict,
        sentence=_sentence(found, verdict, name=name, limit=limit),
    )


def _sentence(found: Performance, verdict: DriftStatus, *, name: str, limit: float) -> str:
    went = (
        f"{name} went from {figures.number(found.reference)} to "
        f"{figures.number(found.live)} on {found.rows:,} live rows"
    )
    if verdict is DriftStatus.DRIFT:
        return f"{went}, surely by more than {figures.number(limit)}"
    if verdict is DriftStatus.WARNING:
        return f"{went}, by more than {figures.number(limit)}, but not surely"
    return went
