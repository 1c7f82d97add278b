"""Pairs two predictions files: compares their rows, and gives both the same numbering of
classes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from interlock.adapters.scoring import columns, digest, positives, row_differences
from interlock.adapters.scoring.predictions import PredictionsFile
from interlock.domain.basics import canonical_text
from interlock.domain.model.evidence import Rows
from interlock.domain.model.manifest import Task


@dataclass(frozen=True, slots=True)
class Pair:
    """Both files in the numbering of `classes`; `positive` is an index into them, None unless the
    task is binary and the positive class is known. `champion` is None if `problem` is set."""

    candidate: PredictionsFile
    champion: PredictionsFile | None
    classes: tuple[str, ...]
    positive: int | None
    problem: str

    @property
    def label(self) -> str:
        """The label of the positive class, empty without one."""
        return "" if self.positive is None else self.classes[self.positive]


def pair(
    candidate: PredictionsFile, champion: PredictionsFile | None, *, positive: str | None = None
) -> Pair:
    """Return the files side by side; raises CannotScore for a binary task of three classes, and for
    one without a known positive class."""
    other = None if champion is None else respelt(champion, like=candidate)
    problem = "" if other is None else row_differences.tell(candidate, other)
    other = None if problem else other
    known = {*candidate.classes, *(other.classes if other else ())}
    label = _positive(candidate, known, requested=positive)
    classes = columns.in_order(known | ({label} if label is not None else set()))
    return Pair(
        candidate=_renumbered(candidate, classes),
        champion=_renumbered(other, classes) if other else None,
        classes=classes,
        positive=None if label is None else classes.index(label),
        problem=problem,
    )


def _positive(candidate: PredictionsFile, known: set[str], *, requested: str | None) -> str | None:
    if candidate.task is not Task.BINARY:
        return None
    classes = columns.in_order(known)
    scores = candidate.scores
    return positives.require(classes, requested=requested, scored=scores, file=candidate.name)


def respelt(champion: PredictionsFile, *, like: PredictionsFile) -> PredictionsFile:
    """Return the champion's file with the other file's spelling of booleans."""
    spelt = canonical_text.as_theirs(champion.classes, like.classes)
    if not spelt:
        return champion
    renamed = tuple(spelt.get(label, label) for label in champion.classes)
    classes = columns.in_order(renamed)
    to = np.array([classes.index(label) for label in renamed], dtype=np.int16)
    target = to[champion.target]
    return replace(
        champion,
        rows=Rows(champion.rows.count, digest.of_rows(champion.ids, target, classes=classes)),
        classes=classes,
        target=target,
        prediction=to[champion.prediction],
        scores={spelt.get(label, label): values for label, values in champion.scores.items()},
    )


def _renumbered(predictions: PredictionsFile, classes: tuple[str, ...]) -> PredictionsFile:
    if predictions.classes == classes:
        return predictions
    to = np.array([classes.index(label) for label in predictions.classes], dtype=np.int16)
    return replace(
        predictions,
        classes=classes,
        target=to[predictions.target],
        prediction=to[predictions.prediction],
    )
