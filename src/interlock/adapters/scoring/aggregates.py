"""Computes the manifest's own metrics: aggregates of columns, all of them functions of sums."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from interlock.adapters.scoring.predictions import Floats
from interlock.adapters.scoring.sizes import Sizes
from interlock.adapters.scoring.sums import Columns, Sums
from interlock.adapters.scoring.view import RowsView
from interlock.domain.model.manifest import Aggregate, RowMetric


def of(view: RowsView, metrics: Iterable[RowMetric]) -> Sums | None:
    """Return the sums of all metrics but quantiles; None without one."""
    summed = [metric for metric in metrics if metric.aggregate is not Aggregate.QUANTILE]
    if not summed:
        return None
    return Sums(
        len(view.target),
        functools.partial(_columns, view, summed),
        functools.partial(_statistics, summed),
    )


def quantiles(view: RowsView, metrics: Iterable[RowMetric]) -> Mapping[str, Sizes]:
    """Return the sorted column of each quantile."""
    return {
        metric.name: Sizes.of(view.columns[metric.columns[0]], share=metric.share or 0.0)
        for metric in metrics
        if metric.aggregate is Aggregate.QUANTILE
    }


def _columns(view: RowsView, metrics: list[RowMetric], rows: slice) -> Columns:
    values = (column for metric in metrics for column in _summands(view, metric, rows))
    return (np.ones(len(view.target[rows])), *values)


def _summands(view: RowsView, metric: RowMetric, rows: slice) -> Iterator[Floats]:
    for name in metric.columns:
        values = view.columns[name][rows]
        yield values**2 if metric.aggregate is Aggregate.RMSE else values


def _statistics(metrics: list[RowMetric], sums: Floats) -> dict[str, Floats]:
    """Map sums [resamples, sums] to metrics; a ratio without a denominator is NaN."""
    rows, *columns = sums.T
    rest = iter(columns)
    return {
        metric.name: _value(metric, [next(rest) for _ in metric.columns], rows)
        for metric in metrics
    }


def _value(metric: RowMetric, sums: list[Floats], rows: Floats) -> Floats:
    match metric.aggregate:
        case Aggregate.SUM:
            return sums[0]
        case Aggregate.RATIO:
            return np.divide(sums[0], sums[1], out=np.full_like(rows, np.nan), where=sums[1] != 0)
        case Aggregate.RMSE:
            root: Floats = np.sqrt(sums[0] / rows)
            return root
    mean: Floats = sums[0] / rows
    return mean
