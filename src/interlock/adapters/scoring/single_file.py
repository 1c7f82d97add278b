"""Computes one metric of one file, without a comparison, for live rows; without a champion."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from interlock.adapters.scoring import (
    bootstrap,
    paired_metrics,
    pairing,
    predictions,
    view,
    view_metrics,
)
from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation import scores
from interlock.domain.evaluation.scores import MetricValue
from interlock.domain.model import metrics
from interlock.domain.model.column_map import ColumnMap
from interlock.domain.model.manifest import RowMetric, Task


def measure(
    path: Path,
    *,
    name: str,
    task: Task,
    metric: str,
    confidence: float,
    seed: int,
    positive: str | None = None,
    columns: ColumnMap | None = None,
    own: tuple[RowMetric, ...] = (),
) -> MetricValue:
    """Measure as described in ports.scoring; the interval is the bootstrap's, in the metric's own
    unit."""
    read = predictions.read(
        path,
        name=name,
        task=task,
        slices=(),
        positive=positive,
        is_closed=False,
        columns=columns,
    )
    pair = pairing.pair(read, None, positive=positive)
    rows = view.of(pair.candidate, positive=pair.positive)
    groups = bootstrap.groups(rows, seed=seed)
    measured_rows = view_metrics.of(rows, groups=groups, metrics=own)
    values = measured_rows.values
    label = pair.label if metrics.is_of_positive(metric) else ""
    value = paired_metrics.finite(values.get(metric))
    measured = MetricValue(metric, value, None, read.rows.count, positive=label)
    if value is None:
        return replace(measured, problem=paired_metrics.absent(metric, values))
    if few := bootstrap.too_few(rows):
        return replace(measured, problem=few)
    resamples = max(scores.RESAMPLES, scores.resamples_for(confidence))
    drawn = bootstrap.values(measured_rows, resamples=resamples, seed=seed).get(metric)
    ends = None if drawn is None else bootstrap.interval(drawn, confidence=confidence)
    if ends is None:
        return replace(measured, problem=paired_metrics.undrawn(metric))
    return replace(measured, interval=Interval(ends.low, ends.high, confidence))
