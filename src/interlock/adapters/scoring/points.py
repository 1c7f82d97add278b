"""Computes the value of every metric with scikit-learn.

Metrics of labels are computed over the distinct (target, prediction) pairs, weighted by their
number of rows. The result is the same, with a thousandth of the rows.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import sklearn.metrics as sk

from interlock.adapters.scoring.view import RowsView
from interlock.domain.model import metrics
from interlock.domain.model.manifest import Task
from interlock.domain.model.metrics import MetricSource


def _log_loss(view: RowsView, scores: Any) -> float:
    if view.task is Task.BINARY:
        return float(sk.log_loss(view.target == view.positive, scores[:, 0], labels=[False, True]))
    return float(sk.log_loss(view.target, scores, labels=list(view.scored)))


LABELS: dict[str, Callable[[Any, Any, Any, int | None], float]] = {
    "accuracy": lambda y, p, w, _: sk.accuracy_score(y, p, sample_weight=w),
    "balanced_accuracy": lambda y, p, w, _: sk.balanced_accuracy_score(y, p, sample_weight=w),
    "f1": lambda y, p, w, pos: _positive(sk.f1_score, y, p, w, pos),
    "f1_macro": lambda y, p, w, _: _average(sk.f1_score, "macro", y, p, w),
    "f1_weighted": lambda y, p, w, _: _average(sk.f1_score, "weighted", y, p, w),
    "f1_micro": lambda y, p, w, _: _average(sk.f1_score, "micro", y, p, w),
    "precision": lambda y, p, w, pos: _positive(sk.precision_score, y, p, w, pos),
    "recall": lambda y, p, w, pos: _positive(sk.recall_score, y, p, w, pos),
    "precision_macro": lambda y, p, w, _: _average(sk.precision_score, "macro", y, p, w),
    "recall_macro": lambda y, p, w, _: _average(sk.recall_score, "macro", y, p, w),
    "matthews_corrcoef": lambda y, p, w, _: sk.matthews_corrcoef(y, p, sample_weight=w),
    "cohen_kappa": lambda y, p, w, _: sk.cohen_kappa_score(y, p, sample_weight=w),
}
VALUES: dict[str, Callable[[Any, Any], float]] = {
    "mae": sk.mean_absolute_error,
    "mse": sk.mean_squared_error,
    "rmse": sk.root_mean_squared_error,
    "r2": sk.r2_score,
    "median_absolute_error": sk.median_absolute_error,
    "mape": sk.mean_absolute_percentage_error,
    "max_error": sk.max_error,
    "explained_variance": sk.explained_variance_score,
}
SCORES: dict[str, Callable[[RowsView, Any], float]] = {
    "roc_auc": lambda v, s: sk.roc_auc_score(v.target == v.positive, s[:, 0]),
    "roc_auc_ovr": lambda v, s: float(
        np.mean([sk.roc_auc_score(v.target == c, s[:, i]) for i, c in enumerate(v.scored)])
    ),
    "average_precision": lambda v, s: sk.average_precision_score(v.target == v.positive, s[:, 0]),
    "log_loss": _log_loss,
    "brier": lambda v, s: sk.brier_score_loss(v.target == v.positive, s[:, 0]),
}


def of(view: RowsView) -> dict[str, float]:
    """Return the metrics of a task for which the file has columns; NaN if one is undefined."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if view.task is Task.REGRESSION:
            return {
                name: _number(score, view.target, view.prediction) for name, score in VALUES.items()
            }
        return {**_of_labels(view), **_of_scores(view)}


def _of_labels(view: RowsView) -> dict[str, float]:
    pairs = view.target * view.classes + view.prediction
    counts = np.bincount(pairs, minlength=view.classes**2)
    present = np.flatnonzero(counts)
    target, prediction = np.divmod(present, view.classes)
    weights = counts[present]
    return {
        name: _number(LABELS[name], target, prediction, weights, view.positive)
        for name in metrics.named(view.task)
        if metrics.METRICS[name].needs is MetricSource.LABELS
    }


def _of_scores(view: RowsView) -> dict[str, float]:
    if view.scores is None:
        return {}
    return {
        name: _number(SCORES[name], view, view.scores)
        for name in metrics.named(view.task)
        if metrics.METRICS[name].needs is MetricSource.SCORES
    }


def _number(score: Callable[..., float], *of: Any) -> float:
    try:
        return float(score(*of))
    except (ValueError, ZeroDivisionError):
        # scikit-learn returns this for an undefined metric, for example an area with one class.
        return math.nan


def _positive(score: Any, y: Any, p: Any, w: Any, positive: int | None) -> float:
    if positive is None:
        return math.nan
    return float(score(y == positive, p == positive, sample_weight=w, zero_division=0.0))


def _average(score: Any, average: str, y: Any, p: Any, w: Any) -> float:
    return float(score(y, p, average=average, sample_weight=w, zero_division=0.0))
