"""Computes the metrics of sets of labels: functions of sums, as scikit-learn defines them.

A label that no row has as target or prediction has an F1 of 0 (scikit-learn's `zero_division=0`).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

import numpy as np

from interlock.adapters.scoring import label_columns
from interlock.adapters.scoring.predictions import Floats
from interlock.adapters.scoring.sums import Columns, Sums
from interlock.adapters.scoring.view import RowsView
from interlock.domain.model.column_map import PREDICTED, TRUE
from interlock.domain.model.manifest import Task


def of(view: RowsView) -> Sums:
    """Return the sums of all labels."""
    known = label_columns.labels(view.columns)
    return Sums(
        len(view.target),
        functools.partial(_columns, view.columns, known),
        functools.partial(_statistics, len(known)),
    )


def of_label(view: RowsView, label: str) -> RowsView:
    """Return the rows as a binary task: whether they have a label."""
    true, predicted = (view.columns[prefix + label] for prefix in (TRUE, PREDICTED))
    return RowsView(
        task=Task.BINARY,
        target=true.astype(np.int64),
        prediction=predicted.astype(np.int64),
        classes=2,
        positive=1,
        scores=None,
        scored=(),
        group=view.group,
    )


def _columns(values: Mapping[str, Floats], labels: tuple[str, ...], rows: slice) -> Columns:
    """Return ones, rows without an error, errors, and for each label twice the rows that are right
    and the sum of targets and predictions."""
    sums: list[Floats] = []
    errors = np.zeros(len(values[TRUE + labels[0]][rows]))
    for label in labels:
        true, predicted = values[TRUE + label][rows], values[PREDICTED + label][rows]
        errors += true != predicted
        sums += [2 * true * predicted, true + predicted]
    return np.ones_like(errors), (errors == 0).astype(np.float64), errors, *sums


def _statistics(labels: int, sums: Floats) -> dict[str, Floats]:
    """Map sums [resamples, sums] to metrics."""
    rows, exact, errors = sums[:, :3].T
    right, both = sums[:, 3::2], sums[:, 4::2]
    return {
        "subset_accuracy": exact / rows,
        "hamming_loss": errors / (rows * labels),
        "f1_micro": _ratio(right.sum(axis=1), both.sum(axis=1)),
        "f1_macro": _ratio(right, both).mean(axis=1),
    }


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
