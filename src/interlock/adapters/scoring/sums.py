"""Computes metrics that are functions of sums over one file's rows: of errors, losses and squares.

Each `of_…` returns the columns whose sums a metric needs, and the function from sums to metrics, so
that a resample is one matrix product. Values are centred first: r2 subtracts squares.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from interlock.adapters.scoring import batches
from interlock.adapters.scoring.predictions import Floats
from interlock.adapters.scoring.resampling import Groups
from interlock.adapters.scoring.view import RowsView
from interlock.domain.model.manifest import Task

EPSILON = float(np.finfo(np.float64).eps)
"""The value to which scikit-learn clips a probability and a zero target, in log_loss and mape."""

Columns = tuple[Floats, ...]
Statistics = Callable[[Floats], dict[str, Floats]]


@dataclass(frozen=True, slots=True)
class Sums:
    """`columns` computes the columns of some rows; `statistics` maps sums [resamples, sums] to
    metrics."""

    rows: int
    columns: Callable[[slice], Columns]
    statistics: Statistics

    def totals(self, groups: Groups | None) -> Floats:
        """Sum the columns by group, or over all rows: [sums, groups]."""
        batch_totals = (self._totals(rows, groups) for rows in batches.of(self.rows))
        return functools.reduce(np.add, batch_totals)

    def _totals(self, rows: slice, groups: Groups | None) -> Floats:
        columns = self.columns(rows)
        if groups is None:
            return np.array([[column.sum()] for column in columns])
        return np.stack([groups.totals(column, rows) for column in columns])


def joined(parts: Sequence[Sums]) -> Sums:
    """Return the sums and the metrics of several as those of one."""
    widths = [len(part.columns(slice(0, 1))) for part in parts]
    ends = list(itertools.accumulate(widths))

    def columns(rows: slice) -> Columns:
        return tuple(itertools.chain.from_iterable(part.columns(rows) for part in parts))

    def statistics(sums: Floats) -> dict[str, Floats]:
        places = zip(parts, ends, widths, strict=True)
        each = (part.statistics(sums[:, end - width : end]) for part, end, width in places)
        return {name: value for metrics in each for name, value in metrics.items()}

    return Sums(parts[0].rows, columns, statistics)


def nothing(view: RowsView) -> Sums:
    """Return one sum without a metric."""
    return Sums(len(view.target), lambda rows: (np.ones(len(view.target[rows])),), lambda _: {})


def of_values(view: RowsView) -> Sums:
    """Return the sums of a regression."""
    is_constant = np.ptp(view.target) == 0
    middle = view.target[0] if is_constant else view.target.mean()
    bias = (view.target - view.prediction).mean()

    def columns(rows: slice) -> Columns:
        target: Floats = view.target[rows] - middle
        error: Floats = view.target[rows] - view.prediction[rows]
        relative = np.abs(error) / np.maximum(np.abs(view.target[rows]), EPSILON)
        ones, rest = np.ones_like(error), error - bias
        return ones, np.abs(error), error**2, rest, rest**2, relative, target, target**2

    return Sums(len(view.target), columns, _of_values)


def _of_values(sums: Floats) -> dict[str, Floats]:
    rows, absolute, square, rest, rest_square, relative, target, target_square = sums.T
    mse = square / rows
    spread = target_square - target**2 / rows
    return {
        "mae": absolute / rows,
        "mse": mse,
        "rmse": np.sqrt(mse),
        "mape": relative / rows,
        "r2": np.where(rows < 2, np.nan, _explained(square, spread)),
        "explained_variance": _explained(rest_square - rest**2 / rows, spread),
    }


def _explained(left: Floats, spread: Floats) -> Floats:
    """Return 1 - left / spread; a constant target is explained completely or not at all, as in
    scikit-learn."""
    flat = spread <= 0
    ratio = np.divide(left, spread, out=np.zeros_like(left), where=~flat)
    explained: Floats = np.where(flat, np.where(left <= 0, 1.0, 0.0), 1 - ratio)
    return explained


def of_scores(view: RowsView, scores: Floats) -> Sums:
    """Return the sums of a classification with scores."""
    columns = _binary_columns if view.task is Task.BINARY else _columns
    statistics = _of_binary_scores if view.task is Task.BINARY else _of_scores
    return Sums(len(view.target), functools.partial(columns, view, scores), statistics)


def _binary_columns(view: RowsView, scores: Floats, rows: slice) -> Columns:
    is_true, score = view.target[rows] == view.positive, scores[rows, 0]
    loss = _loss(np.where(is_true, score, 1 - score))
    return np.ones_like(score), loss, (score - is_true) ** 2


def _columns(view: RowsView, scores: Floats, rows: slice) -> Columns:
    place = np.searchsorted(np.asarray(view.scored), view.target[rows])
    likely = scores[rows][np.arange(len(place)), place]
    return np.ones_like(likely), _loss(likely)


def _of_binary_scores(sums: Floats) -> dict[str, Floats]:
    rows, loss, square = sums.T
    return {"log_loss": loss / rows, "brier": square / rows}


def _of_scores(sums: Floats) -> dict[str, Floats]:
    rows, loss = sums.T
    return {"log_loss": loss / rows}


def _loss(likely: Floats) -> Floats:
    loss: Floats = -np.log(np.clip(likely, EPSILON, 1 - EPSILON))
    return loss
