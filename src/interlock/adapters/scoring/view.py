"""Some rows of one file for the metrics: all of them, or those of one slice value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from interlock.adapters.scoring import batches
from interlock.adapters.scoring.predictions import Codes, Floats, PredictionsFile
from interlock.domain.model.manifest import Task


@dataclass(frozen=True, slots=True)
class RowsView:
    """`scores` has one column for each class of a multiclass task ([rows, classes], in the order of
    `scored`, which are indices of classes), the positive class's column for binary ([rows, 1]),
    None without scores. `columns` are those of the manifest's own metrics, and `group` the group of
    each row, None if each row is one of its own."""

    task: Task
    target: npt.NDArray[Any]
    prediction: npt.NDArray[Any]
    classes: int
    positive: int | None
    scores: Floats | None
    scored: tuple[int, ...]
    columns: Mapping[str, Floats] = field(default_factory=dict)
    group: Codes | None = None

    def pairs(self) -> Codes:
        """Return the number of rows of each pair of classes: target * classes + prediction."""
        counts = np.zeros(self.classes**2, dtype=np.int64)
        for rows in batches.of(len(self.target)):
            pairs = self.target[rows].astype(np.int64) * self.classes + self.prediction[rows]
            counts += np.bincount(pairs, minlength=len(counts))
        return counts

    def only(self, rows: npt.NDArray[np.bool_]) -> RowsView:
        return RowsView(
            task=self.task,
            target=self.target[rows],
            prediction=self.prediction[rows],
            classes=self.classes,
            positive=self.positive,
            scores=None if self.scores is None else self.scores[rows],
            scored=self.scored,
            columns={name: values[rows] for name, values in self.columns.items()},
            group=None if self.group is None else self.group[rows],
        )


def of(predictions: PredictionsFile, *, positive: int | None) -> RowsView:
    """Return all rows of a file."""
    scores, scored = _scores(predictions, positive=positive)
    return RowsView(
        task=predictions.task,
        target=predictions.target,
        prediction=predictions.prediction,
        classes=len(predictions.classes),
        positive=positive,
        scores=scores,
        scored=scored,
        columns=predictions.columns,
        group=predictions.group,
    )


def _scores(
    predictions: PredictionsFile, *, positive: int | None
) -> tuple[Floats | None, tuple[int, ...]]:
    columns, classes = predictions.scores, predictions.classes
    if not columns or (predictions.task is Task.BINARY and positive is None):
        return None, ()
    if predictions.task is Task.MULTICLASS:
        labels = [label for label in classes if label in columns]
        matrix = np.column_stack([columns[label] for label in labels])
        return matrix, tuple(classes.index(label) for label in labels)
    label = classes[positive or 0]
    if label in columns:
        return columns[label][:, None], (positive or 0,)
    # If there is only the other class's column, its complement is the positive class's score.
    return 1 - next(iter(columns.values()))[:, None], (positive or 0,)
