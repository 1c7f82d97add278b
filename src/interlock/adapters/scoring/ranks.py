"""Computes metrics of order: areas under curves, the median; exact for few rows, linear for many.

Exact: the metric of every resample, from how often each row was drawn. Linear: the metric plus the
sum over rows of weight times influence, the infinitesimal jackknife's gradient (Efron 1982, The
Jackknife, the Bootstrap and Other Resampling Plans, chapter 6; DeLong et al. 1988 use the same for
the ROC area). Its error has the order of one over the number of rows, and it needs one number for
each row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from interlock.adapters.scoring import aggregates
from interlock.adapters.scoring.curves import Curve
from interlock.adapters.scoring.predictions import Floats
from interlock.adapters.scoring.resampling import Groups
from interlock.adapters.scoring.sizes import Sizes
from interlock.adapters.scoring.view import RowsView
from interlock.domain.model.manifest import RowMetric, Task

MOST_RANKED = 500
"""With more rows, metrics of order are not computed again for each resample."""

Exact = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Rank:
    """The metric of all rows, and, if it is resampled, one way to resample it: `exact` maps weights
    [resamples, rows] to the metric; `influence` is its gradient, summed by group."""

    value: float
    exact: Exact | None = None
    influence: Floats | None = None


def of(
    view: RowsView, *, groups: Groups | None, metrics: Sequence[RowMetric] = ()
) -> Mapping[str, Rank]:
    """Return the metrics of order for which a file has columns; without groups, their values."""
    columns = aggregates.quantiles(view, metrics)
    return {**_of_task(view, groups), **{n: _quantile(s, groups) for n, s in columns.items()}}


def _quantile(sizes: Sizes, groups: Groups | None) -> Rank:
    return _rank(sizes.quantile, sizes.quantiles, sizes.influence, groups=groups)


def _of_task(view: RowsView, groups: Groups | None) -> Mapping[str, Rank]:
    if view.task in (Task.SCORED, Task.MULTILABEL):
        return {}
    if view.task is Task.REGRESSION:
        sizes = Sizes.of(np.abs(view.target - view.prediction))
        return {"median_absolute_error": _quantile(sizes, groups), "max_error": Rank(sizes.largest)}
    if view.scores is None:
        return {}
    if view.task is Task.BINARY:
        curve = Curve.of(view.scores[:, 0], view.target == view.positive)
        precision = _rank(
            curve.precision, curve.precisions, curve.precision_influence, groups=groups
        )
        return {"roc_auc": _area(curve, groups), "average_precision": precision}
    curves = (Curve.of(view.scores[:, i], view.target == c) for i, c in enumerate(view.scored))
    return {"roc_auc_ovr": _mean([_area(curve, groups) for curve in curves])}


def _area(curve: Curve, groups: Groups | None) -> Rank:
    return _rank(curve.area, curve.areas, curve.area_influence, groups=groups)


def _rank(
    value: Callable[[], float],
    exact: Exact,
    influence: Callable[[Groups, float], Floats],
    *,
    groups: Groups | None,
) -> Rank:
    if groups is None:
        return Rank(value())
    if len(groups.of_row) <= MOST_RANKED:
        return Rank(value(), lambda weights: exact(weights[:, groups.of_row]))
    whole = value()
    return Rank(whole, influence=influence(groups, whole))


def _mean(ranks: Sequence[Rank]) -> Rank:
    exact = [rank.exact for rank in ranks if rank.exact is not None]
    influence = [rank.influence for rank in ranks if rank.influence is not None]
    return Rank(
        float(np.mean([rank.value for rank in ranks])),
        (lambda weights: np.mean([each(weights) for each in exact], axis=0)) if exact else None,
        np.mean(influence, axis=0) if influence else None,
    )
