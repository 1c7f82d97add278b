"""Computes metrics of order: areas under curves, the median; exact for few rows, linear for many.

Exact: the metric of every resample, from how often each row was drawn. Linear: the metric plus the
sum over rows of weight times influence, the infinitesimal jackknife's gradient (Efron 1982, The
Jackknife, the Bootstrap and Other Resampling Plans, chapter 6; DeLong et al. 1988 use the same for
the ROC area). Its error has the order of one over the number of rows, and it needs one number for
each row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from interlock.adapters.scoring.predictions import Codes, Floats
from interlock.adapters.scoring.view import RowsView
from interlock.domain.model.manifest import Task

Exact = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Rank:
    """`exact` maps weights [resamples, rows] to the metric; `influence` gives its gradient."""

    exact: Exact
    influence: Callable[[], Floats]


def of(view: RowsView) -> dict[str, Rank]:
    """Return the metrics of order for which a file has columns."""
    if view.task is Task.REGRESSION:
        size = np.abs(view.target - view.prediction)
        return {
            "median_absolute_error": Rank(
                lambda weights: _median(weights, size), lambda: _median_influence(size)
            )
        }
    if view.scores is None:
        return {}
    if view.task is Task.BINARY:
        curve = Curve.of(view.scores[:, 0], view.target == view.positive)
        return {
            "roc_auc": Rank(curve.areas, curve.area_influence),
            "average_precision": Rank(curve.precisions, curve.precision_influence),
        }
    curves = [
        Curve.of(view.scores[:, place], view.target == label)
        for place, label in enumerate(view.scored)
    ]
    return {
        "roc_auc_ovr": Rank(
            lambda weights: np.mean([curve.areas(weights) for curve in curves], axis=0),
            lambda: np.mean([curve.area_influence() for curve in curves], axis=0),
        )
    }


@dataclass(frozen=True, slots=True)
class Curve:
    """Rows in descending order of score; `ends` are the last rows of each run of equal scores and
    `runs` maps a sorted row to its run."""

    order: Codes
    true: Floats
    ends: Codes
    runs: Codes

    @staticmethod
    def of(score: Floats, true: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Curve:
        order = np.argsort(-score)
        ranked = score[order]
        is_end = np.append(ranked[1:] != ranked[:-1], True)
        ends = np.flatnonzero(is_end)
        runs = np.concatenate([[0], np.cumsum(is_end)[:-1]])
        return Curve(order, true[order].astype(np.float64), ends, runs)

    def areas(self, weights: Floats) -> Floats:
        """ROC area per resample: the share of pairs in the right order, ties counting half."""
        right, wrong = self._cumulated(weights)
        here = np.diff(wrong, axis=1, prepend=0.0)
        below = wrong[:, -1:] - wrong + here / 2
        pairs = (np.diff(right, axis=1, prepend=0.0) * below).sum(axis=1)
        return _divide(pairs, right[:, -1] * wrong[:, -1])

    def precisions(self, weights: Floats) -> Floats:
        """Average precision per resample: precision at each run, by the recall it adds."""
        right, wrong = self._cumulated(weights)
        called = right + wrong
        precision = np.divide(right, called, out=np.zeros_like(right), where=called > 0)
        gained = (np.diff(right, axis=1, prepend=0.0) * precision).sum(axis=1)
        return _divide(gained, right[:, -1])

    def area_influence(self) -> Floats:
        right, wrong = (counts[0] for counts in self._cumulated(np.ones((1, len(self.order)))))
        trues, falses = right[-1], wrong[-1]
        below = falses - wrong + np.diff(wrong, prepend=0.0) / 2
        above = right - np.diff(right, prepend=0.0) / 2
        area = (np.diff(right, prepend=0.0) * below).sum() / (trues * falses)
        of_true = (below / falses - area) / trues
        of_false = (above / trues - area) / falses
        return self._unsorted(np.where(self.true > 0, of_true[self.runs], of_false[self.runs]))

    def precision_influence(self) -> Floats:
        right, wrong = (counts[0] for counts in self._cumulated(np.ones((1, len(self.order)))))
        called, trues = right + wrong, right[-1]
        gained = np.diff(right, prepend=0.0)
        average = (gained * right / called).sum() / trues
        # A row counts in the precision of its own run and of every later run.
        as_true = np.cumsum((gained * wrong / called**2)[::-1])[::-1]
        as_false = -np.cumsum((gained * right / called**2)[::-1])[::-1]
        of_true = as_true + right / called - average
        every = np.where(self.true > 0, of_true[self.runs], as_false[self.runs])
        return self._unsorted(every / trues)

    def _cumulated(self, weights: Floats) -> tuple[Floats, Floats]:
        """Weights of the true and of the false rows at or above the end of each run."""
        ranked = weights[:, self.order]
        right = np.cumsum(ranked * self.true, axis=1)[:, self.ends]
        return right, np.cumsum(ranked, axis=1)[:, self.ends] - right

    def _unsorted(self, values: Floats) -> Floats:
        back = np.empty_like(values)
        back[self.order] = values
        return back


def _divide(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def _median(weights: Floats, size: Floats) -> Floats:
    order = np.argsort(size)
    reached = np.cumsum(weights[:, order], axis=1)
    rows = len(size)
    low, high = (np.argmax(reached >= k, axis=1) for k in ((rows + 1) // 2, rows // 2 + 1))
    median: Floats = (size[order][low] + size[order][high]) / 2
    return median


def _median_influence(size: Floats) -> Floats:
    """Of the median: the sign of each row over twice the density there, by Siddiqui's (1960)
    difference of quantiles at a width of n^(-1/3)."""
    rows = len(size)
    width = rows ** (-1 / 3) / 2
    low, median, high = np.quantile(size, [0.5 - width, 0.5, 0.5 + width])
    influence: Floats = np.sign(size - median) * (high - low) / (2 * width) / 2 / rows
    return influence
