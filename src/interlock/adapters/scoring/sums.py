"""Computes metrics that are functions of sums over one file's rows: of errors, losses and squares.

Each `of_…` returns the columns whose sums a metric needs, and the function from sums to metrics, so
that a resample is one matrix product. Targets are centred first: r2 subtracts squares.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from interlock.adapters.scoring.predictions import Floats
from interlock.adapters.scoring.view import RowsView
from interlock.domain.model.manifest import Task

EPSILON = float(np.finfo(np.float64).eps)
"""The value to which scikit-learn clips a probability and a zero target, in log_loss and mape."""

Statistics = Callable[[Floats], dict[str, Floats]]


@dataclass(frozen=True, slots=True)
class Sums:
    """`columns` is [rows, sums]; `statistics` maps sums [resamples, sums] to metrics."""

    columns: Floats
    statistics: Statistics


def of_values(view: RowsView) -> Sums:
    target: Floats = view.target - view.target.mean()
    error: Floats = view.target - view.prediction
    relative = np.abs(error) / np.maximum(np.abs(view.target), EPSILON)
    ones = np.ones_like(error)
    columns = np.column_stack([ones, np.abs(error), error**2, error, relative, target, target**2])
    return Sums(columns, _of_values)


def _of_values(sums: Floats) -> dict[str, Floats]:
    rows, absolute, square, error, relative, target, target_square = sums.T
    mse = square / rows
    spread = target_square - target**2 / rows
    return {
        "mae": absolute / rows,
        "mse": mse,
        "rmse": np.sqrt(mse),
        "mape": relative / rows,
        "r2": _explained(square, spread),
        "explained_variance": _explained(square - error**2 / rows, spread),
    }


def _explained(left: Floats, spread: Floats) -> Floats:
    """Return 1 - left / spread; a constant target is explained completely or not at all, as in
    scikit-learn."""
    flat = spread <= 0
    ratio = np.divide(left, spread, out=np.zeros_like(left), where=~flat)
    explained: Floats = np.where(flat, np.where(left <= 0, 1.0, 0.0), 1 - ratio)
    return explained


def of_scores(view: RowsView, scores: Floats) -> Sums:
    if view.task is Task.BINARY:
        true = (view.target == view.positive).astype(np.float64)
        score = scores[:, 0]
        likely = np.where(true > 0, score, 1 - score)
        columns = [np.ones_like(score), _loss(likely), (score - true) ** 2]
        return Sums(np.column_stack(columns), _of_binary_scores)
    place = np.searchsorted(np.asarray(view.scored), view.target)
    likely = scores[np.arange(len(place)), place]
    return Sums(np.column_stack([np.ones_like(likely), _loss(likely)]), _of_scores)


def _of_binary_scores(sums: Floats) -> dict[str, Floats]:
    rows, loss, square = sums.T
    return {"log_loss": loss / rows, "brier": square / rows}


def _of_scores(sums: Floats) -> dict[str, Floats]:
    rows, loss = sums.T
    return {"log_loss": loss / rows}


def _loss(likely: Floats) -> Floats:
    loss: Floats = -np.log(np.clip(likely, EPSILON, 1 - EPSILON))
    return loss
