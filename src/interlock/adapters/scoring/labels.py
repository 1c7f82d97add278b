"""Computes metrics of labels for many resamples at once, from counts of cells of one file.

The formulas are scikit-learn's, with its conventions for a class that does not occur: it is left
out of averages, and a ratio without a denominator is 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from interlock.adapters.scoring.predictions import Codes, Floats
from interlock.adapters.scoring.view import RowsView
from interlock.domain.model.manifest import Task


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """Rows per resample and class, [resamples, classes] each: with a correct prediction, of the
    class, and predicted as the class."""

    right: Floats
    true: Floats
    called: Floats


def values(view: RowsView) -> dict[str, float]:
    """Return every metric of labels of all rows of a view, NaN for an undefined one."""
    rows = view.pairs()
    present = np.flatnonzero(rows)
    target, prediction = np.divmod(present, view.classes)
    weights = rows[None, present].astype(np.float64)
    counts = count(weights, target=target, prediction=prediction, classes=view.classes)
    every = of(counts, task=view.task, positive=view.positive)
    return {name: float(value[0]) for name, value in every.items()}


def count(weights: Floats, *, target: Codes, prediction: Codes, classes: int) -> LabelCounts:
    """Count rows from the weights [resamples, cells] of cells; each cell has a target and a
    prediction."""
    hit = np.flatnonzero(target == prediction)
    return LabelCounts(
        right=_totals(weights[:, hit], target[hit], classes),
        true=_totals(weights, target, classes),
        called=_totals(weights, prediction, classes),
    )


def of(counts: LabelCounts, *, task: Task, positive: int | None) -> dict[str, Floats]:
    """Return every metric of labels of a task, [resamples] each."""
    right, true, called = counts.right, counts.true, counts.called
    rows, hits = true.sum(axis=1), right.sum(axis=1)
    present = true + called > 0
    f1 = _ratio(2 * right, true + called)
    precision, recall = _ratio(right, called), _ratio(right, true)
    accuracy = hits / rows
    metrics = {
        "accuracy": accuracy,
        "balanced_accuracy": _mean(recall, true > 0),
        "f1_macro": _mean(f1, present),
        "f1_weighted": (f1 * true).sum(axis=1) / rows,
        "f1_micro": accuracy,
        "precision_macro": _mean(precision, present),
        "recall_macro": _mean(recall, present),
        "matthews_corrcoef": _correlation(hits, true, called, rows),
        "cohen_kappa": _kappa(hits, true, called, rows),
    }
    if task is Task.BINARY:
        of_positive = {"f1": f1, "precision": precision, "recall": recall}
        undefined = np.full_like(rows, np.nan)
        for name, values in of_positive.items():
            metrics[name] = undefined if positive is None else values[:, positive]
    return metrics


def _totals(weights: Floats, codes: Codes, classes: int) -> Floats:
    totals = np.zeros((weights.shape[0], classes))
    if codes.size:
        order = np.argsort(codes, kind="stable")
        present, starts = np.unique(codes[order], return_index=True)
        totals[:, present] = np.add.reduceat(weights[:, order], starts, axis=1)
    return totals


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _mean(values: Floats, counted: npt.NDArray[np.bool_]) -> Floats:
    mean: Floats = (values * counted).sum(axis=1) / counted.sum(axis=1)
    return mean


def _correlation(hits: Floats, true: Floats, called: Floats, rows: Floats) -> Floats:
    """Gorodkin's R_K (2004), like sklearn.metrics.matthews_corrcoef."""
    both = hits * rows - (true * called).sum(axis=1)
    spread_true = rows**2 - (true**2).sum(axis=1)
    spread_called = rows**2 - (called**2).sum(axis=1)
    return _ratio(both, np.sqrt(spread_true * spread_called))


def _kappa(hits: Floats, true: Floats, called: Floats, rows: Floats) -> Floats:
    """Cohen's kappa; NaN if target and prediction are always the same one class, because the
    agreement by chance is then 1."""
    chance = (true * called).sum(axis=1) / rows**2
    with np.errstate(divide="ignore", invalid="ignore"):
        kappa: Floats = np.where(chance < 1, (hits / rows - chance) / (1 - chance), np.nan)
    return kappa
