"""Every metric of rows by scikit-learn itself: no cells, no weights, nothing of ours."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import sklearn.metrics as sk

from interlock.adapters.scoring.view import RowsView
from interlock.domain.model.manifest import Task

Score = Callable[[RowsView], float]


def _plain(score: Callable[..., float]) -> Score:
    return lambda v: score(v.target, v.prediction)


def _average(score: Callable[..., float], average: str) -> Score:
    return lambda v: score(v.target, v.prediction, average=average, zero_division=0)


def _of_positive(score: Callable[..., float]) -> Score:
    return lambda v: score(v.target == v.positive, v.prediction == v.positive, zero_division=0)


def _of_scores(score: Callable[..., float], **more: Any) -> Score:
    return lambda v: score(v.target == v.positive, _scores(v)[:, 0], **more)


def _scores(view: RowsView) -> Any:
    assert view.scores is not None
    return view.scores


def _one_against_rest(view: RowsView) -> float:
    areas = [sk.roc_auc_score(view.target == c, _scores(view)[:, c]) for c in view.scored]
    return float(np.mean(areas))


_LABELS: dict[str, Score] = {
    "accuracy": _plain(sk.accuracy_score),
    "balanced_accuracy": _plain(sk.balanced_accuracy_score),
    "f1_macro": _average(sk.f1_score, "macro"),
    "f1_weighted": _average(sk.f1_score, "weighted"),
    "f1_micro": _average(sk.f1_score, "micro"),
    "precision_macro": _average(sk.precision_score, "macro"),
    "recall_macro": _average(sk.recall_score, "macro"),
    "matthews_corrcoef": _plain(sk.matthews_corrcoef),
    "cohen_kappa": _plain(sk.cohen_kappa_score),
}
METRICS: dict[Task, dict[str, Score]] = {
    Task.BINARY: {
        **_LABELS,
        "f1": _of_positive(sk.f1_score),
        "precision": _of_positive(sk.precision_score),
        "recall": _of_positive(sk.recall_score),
        "roc_auc": _of_scores(sk.roc_auc_score),
        "average_precision": _of_scores(sk.average_precision_score),
        "log_loss": _of_scores(sk.log_loss, labels=[False, True]),
        "brier": _of_scores(sk.brier_score_loss),
    },
    Task.MULTICLASS: {
        **_LABELS,
        "roc_auc_ovr": _one_against_rest,
        "log_loss": lambda v: sk.log_loss(v.target, _scores(v), labels=list(v.scored)),
    },
    Task.REGRESSION: {
        "mae": _plain(sk.mean_absolute_error),
        "mse": _plain(sk.mean_squared_error),
        "rmse": _plain(sk.root_mean_squared_error),
        "r2": _plain(sk.r2_score),
        "median_absolute_error": _plain(sk.median_absolute_error),
        "mape": _plain(sk.mean_absolute_percentage_error),
        "max_error": _plain(sk.max_error),
        "explained_variance": _plain(sk.explained_variance_score),
    },
}


def of(view: RowsView) -> dict[str, float]:
    """Return every metric, NaN for an undefined one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {name: float(score(view)) for name, score in METRICS[view.task].items()}
