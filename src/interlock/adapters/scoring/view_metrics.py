"""Computes every metric of a view, and the totals from which those of its resamples are computed.

The values are scikit-learn's, which needs a pass over the rows or a sort for each of them: here all
share one sort of each column of scores, and the sums of the bootstrap.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from interlock.adapters.scoring import aggregates, label_sets, labels, ranks, sums
from interlock.adapters.scoring.predictions import Floats
from interlock.adapters.scoring.ranks import Exact, Rank
from interlock.adapters.scoring.resampling import Groups
from interlock.adapters.scoring.sums import Statistics, Sums
from interlock.adapters.scoring.view import RowsView
from interlock.domain.model.manifest import RowMetric, Task


@dataclass(frozen=True, slots=True)
class RowTotals:
    """The data for resamples of rows. `totals` is [groups, columns]: first the influences on the
    `linear` metrics, whose values are known, then the sums."""

    exact: Mapping[str, Exact]
    linear: Mapping[str, float]
    statistics: Statistics
    totals: Floats

    def resampled(self, weights: Floats) -> Mapping[str, Floats]:
        """Return metrics from weights [resamples, groups]."""
        # BLAS would add in an order that depends on the processor and its number of threads.
        drawn = np.einsum("ij,kj->ik", weights, np.ascontiguousarray(self.totals.T))
        changes = zip(self.linear.items(), drawn.T, strict=False)
        return {
            **{name: exact(weights) for name, exact in self.exact.items()},
            **{name: value + change for (name, value), change in changes},
            **self.statistics(drawn[:, len(self.linear) :]),
        }


@dataclass(frozen=True, slots=True)
class ViewMetrics:
    """`values` are the metrics for which the file has columns, NaN for an undefined one."""

    view: RowsView
    values: Mapping[str, float]
    rows: RowTotals | None


def of_each(
    views: Mapping[str, tuple[RowsView | None, Groups | None]],
    *,
    metrics: Sequence[RowMetric] = (),
) -> dict[str, ViewMetrics]:
    """Compute the metrics of each view, with a thread for each core; `metrics` are the
    manifest's own."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {
            side: pool.submit(of, view, groups=groups, metrics=metrics)
            for side, (view, groups) in views.items()
            if view is not None
        }
        return {side: job.result() for side, job in jobs.items()}


def of(
    view: RowsView, *, groups: Groups | None = None, metrics: Sequence[RowMetric] = ()
) -> ViewMetrics:
    """Compute the metrics of a view; with groups, also what its resamples need. A metric whose
    columns a file lacks is left out."""
    metrics = [each for each in metrics if {*each.columns} <= view.columns.keys()]
    with np.errstate(all="ignore"):
        counted = labels.values(view) if view.task.has_classes else {}
        summed = _sums(view, metrics)
        if summed is None:
            return ViewMetrics(view, counted, None)
        ranked = ranks.of(view, groups=groups, metrics=metrics)
        totals = summed.totals(groups)
        every = summed.statistics(totals.sum(axis=1, keepdims=True).T)
    values = {
        **counted,
        **{name: rank.value for name, rank in ranked.items()},
        **{name: float(value[0]) for name, value in every.items()},
    }
    return ViewMetrics(view, values, _row_totals(ranked, summed, totals))


def _row_totals(ranked: Mapping[str, Rank], summed: Sums, totals: Floats) -> RowTotals:
    linear = {n: rank for n, rank in ranked.items() if rank.influence is not None}
    influences = [rank.influence for rank in linear.values() if rank.influence is not None]
    return RowTotals(
        exact={name: rank.exact for name, rank in ranked.items() if rank.exact is not None},
        linear={name: rank.value for name, rank in linear.items()},
        statistics=summed.statistics,
        totals=np.vstack([*influences, totals]).T,
    )


def _sums(view: RowsView, metrics: Sequence[RowMetric]) -> Sums | None:
    """Return the sums of the task and of the manifest's own metrics; None without any."""
    parts = [part for part in (_of_task(view), aggregates.of(view, metrics)) if part is not None]
    if not parts and metrics:
        parts = [sums.nothing(view)]  # all metrics are quantiles
    return sums.joined(parts) if parts else None


def _of_task(view: RowsView) -> Sums | None:
    if view.task is Task.REGRESSION:
        return sums.of_values(view)
    if view.task is Task.MULTILABEL:
        return label_sets.of(view)
    return None if view.scores is None else sums.of_scores(view, view.scores)
