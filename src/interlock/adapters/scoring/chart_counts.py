"""Counts the data of the pictures from one file's rows; nothing is drawn here."""

from __future__ import annotations

import numpy as np

from interlock.adapters.scoring.predictions import Floats, PredictionsFile
from interlock.adapters.scoring.view import RowsView
from interlock.domain.evaluation.chart_data import Calibration, Charts, Confusion, Residuals
from interlock.domain.model.manifest import Task

MOST_DRAWN_CLASSES = 50
"""The most classes of a confusion matrix that is still readable."""
BINS = 10
MOST_POINTS = 2_000


def of(predictions: PredictionsFile, view: RowsView) -> Charts:
    """Return the chart data of a file."""
    if view.task in (Task.SCORED, Task.MULTILABEL):
        return Charts()
    if view.task is Task.REGRESSION:
        return Charts(residuals=_residuals(view))
    return Charts(confusion=_confusion(view, predictions.classes), calibration=_calibration(view))


def _confusion(view: RowsView, classes: tuple[str, ...]) -> Confusion | None:
    size = len(classes)
    if size > MOST_DRAWN_CLASSES:
        return None
    return Confusion(classes, tuple(map(tuple, view.pairs().reshape(size, size).tolist())))


def _calibration(view: RowsView) -> Calibration | None:
    """Return bins of equal width, like scikit-learn's calibration_curve, without empty ones."""
    if view.scores is None:
        return None
    score, right = _called(view, view.scores)
    place = np.minimum((score * BINS).astype(np.int64), BINS - 1)
    rows = np.bincount(place, minlength=BINS)
    used = rows > 0
    mean, share = (
        np.bincount(place, weights=values, minlength=BINS)[used] / rows[used]
        for values in (score, right.astype(np.float64))
    )
    return Calibration(tuple(mean.tolist()), tuple(share.tolist()), tuple(rows[used].tolist()))


def _called(
    view: RowsView, scores: Floats
) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    if view.task is Task.BINARY:
        return scores[:, 0], view.target == view.positive
    best = scores.argmax(axis=1)
    return scores.max(axis=1), np.asarray(view.scored)[best] == view.target


def _residuals(view: RowsView) -> Residuals:
    step = max(1, -(-len(view.target) // MOST_POINTS))
    prediction = view.prediction[::step]
    residual = prediction - view.target[::step]
    return Residuals(tuple(prediction.tolist()), tuple(residual.tolist()), len(view.target))
