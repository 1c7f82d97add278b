"""The request to score predictions files, and the result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation.chart_data import Charts
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model import metrics
from interlock.domain.model.evidence import Rows
from interlock.domain.model.manifest import (
    LABEL,
    RECENT,
    Evaluation,
    GateRule,
    RowMetric,
    RowsRule,
    Task,
)

_Item = TypeVar("_Item")

CONFIDENCE = 0.95
RESAMPLES = 2000
"""Efron & Tibshirani (1993, section 14.3) recommend 1,000 to 2,000 for a percentile interval."""
TAIL = 10
"""Resamples that at least lie beyond each end of an interval; fewer and the end is chance."""
PRIMARY = {
    Task.BINARY: "f1",
    Task.MULTICLASS: "f1_macro",
    Task.REGRESSION: "rmse",
    Task.MULTILABEL: "f1_macro",
}
"""The default metric of slices."""


@dataclass(frozen=True, slots=True)
class ScoringRequest:
    """How two files are scored.

    `focus` are the metrics computed in each value of each of `slices`. `confidences` has the one
    of the report first, then those of the gates. `label_focus` are the metrics of each label of a
    multilabel task.
    """

    task: Task
    slices: tuple[str, ...]
    focus: tuple[str, ...]
    confidences: tuple[float, ...]
    seed: int
    resamples: int
    rows: RowsRule = RowsRule.SAME
    positive: str | None = None
    metrics: tuple[RowMetric, ...] = ()
    label_focus: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The metrics that need rows: those of the manifest, then those of the task."""
        known = [name for name in metrics.named(self.task) if name != metrics.MODEL_SIZE]
        return [*(metric.name for metric in self.metrics), *known]


@dataclass(frozen=True, slots=True)
class Scores:
    """Every metric of the task, over all rows and in slices, at each requested confidence.

    The slice RECENT is the rows that the champion served. `champion_problem` is the
    reason why the champion's file cannot be compared with the candidate's. `rows` is None without
    predictions.
    """

    rows: Rows | None
    comparisons: Mapping[float, tuple[Comparison, ...]]
    charts: Charts
    champion_charts: Charts | None = None
    champion_problem: str = ""


WITHOUT_ROWS = Scores(rows=None, comparisons={CONFIDENCE: ()}, charts=Charts())
"""The scores of a model without predictions."""


@dataclass(frozen=True, slots=True)
class MetricValue:
    """One metric of one file, with its own interval; a value of None is absent, and `problem` has
    the reason. `positive` is the positive class, for a metric that depends on it."""

    metric: str
    value: float | None
    interval: Interval | None
    rows: int
    problem: str = ""
    positive: str = ""


def request(
    evaluation: Evaluation,
    *,
    task: Task,
    rules: Sequence[GateRule],
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
) -> ScoringRequest:
    """Return the request that covers every rule and the report."""
    sliced = [rule for rule in rules if rule.slice is not None]
    relative = [r for r in rules if r.max_drop is not None or r.max_rise is not None]
    confidences = _once([confidence, *(rule.confidence for rule in relative)])
    reserved = {RECENT, LABEL} if task is Task.MULTILABEL else {RECENT}
    of_labels = ["f1", *(rule.metric for rule in sliced if rule.slice == LABEL)]
    return ScoringRequest(
        task=task,
        slices=_once(
            [*evaluation.slices, *(str(r.slice) for r in sliced if r.slice not in reserved)]
        ),
        focus=_once([evaluation.primary, *(rule.metric for rule in sliced)]),
        confidences=confidences,
        seed=evaluation.seed,
        resamples=max(resamples, *map(resamples_for, confidences)),
        rows=evaluation.rows,
        positive=evaluation.positive,
        metrics=evaluation.metrics,
        label_focus=_once(of_labels) if task is Task.MULTILABEL else (),
    )


def resamples_for(confidence: float) -> int:
    """Return the fewest resamples that leave TAIL of them beyond each end of the interval."""
    return round(2 * TAIL / (1 - confidence))


def shown(comparison: Comparison, *, required: frozenset[str]) -> bool:
    """True if a comparison is shown: it has a number, or the metric is required."""
    return comparison.candidate is not None or comparison.metric in required


def _once(items: Iterable[_Item]) -> tuple[_Item, ...]:
    return tuple(dict.fromkeys(items))


def blame(comparisons: Iterable[Comparison], problem: str) -> tuple[Comparison, ...]:
    """Add the reason why there is no champion to the comparisons that have no reason yet."""
    return tuple(replace(c, problem=c.problem or problem) for c in comparisons)
