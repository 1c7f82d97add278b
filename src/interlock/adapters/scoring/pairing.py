"""Two predictions files side by side: the same rows or not, and one numbering of classes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from interlock import errors
from interlock.adapters.scoring import columns
from interlock.adapters.scoring.predictions import Codes, Predictions
from interlock.domain.manifest import Task


@dataclass(frozen=True, slots=True)
class Pair:
    """Both files in the numbering of `classes`; `positive` is an index into them, None unless the
    task is binary and the positive class is known. `champion` is None when `problem` is set."""

    candidate: Predictions
    champion: Predictions | None
    classes: tuple[str, ...]
    positive: int | None
    problem: str


def pair(candidate: Predictions, champion: Predictions | None) -> Pair:
    """Return the files side by side; raises CannotScore for a binary task of three classes."""
    problem = "" if champion is None else _differing(candidate, champion)
    other = None if problem else champion
    known = {*candidate.classes, *(other.classes if other else ())}
    classes = columns.in_order(known)
    if candidate.task is Task.BINARY and len(classes) > 2:
        raise errors.CannotScore(
            f"{candidate.name}: a binary task has two classes, and there are {len(classes)}: "
            + ", ".join(classes[:10]),
            hint="is the task multiclass?",
        )
    return Pair(
        candidate=_renumbered(candidate, classes),
        champion=_renumbered(other, classes) if other else None,
        classes=classes,
        positive=_positive(candidate, classes),
        problem=problem,
    )


def _positive(candidate: Predictions, classes: tuple[str, ...]) -> int | None:
    """The positive class is the only one that has scores, else the last in order, as in
    scikit-learn's `classes_[1]`; with one class in all it is unknown."""
    if candidate.task is not Task.BINARY:
        return None
    if len(candidate.scores) == 1:
        return classes.index(next(iter(candidate.scores)))
    return 1 if len(classes) == 2 else None


def _differing(candidate: Predictions, champion: Predictions) -> str:
    if candidate.rows == champion.rows:
        return ""
    mine, theirs = (_targets(p) for p in (candidate, champion))
    both = mine.join(theirs, on="id", how="inner", suffix="_champion")
    changed = int((both["target"] != both["target_champion"]).sum())
    added, lost = mine.height - both.height, theirs.height - both.height
    counts = ((added, "only here"), (lost, "only there"), (changed, "with another target"))
    parts = ", ".join(f"{count:,} {what}" for count, what in counts if count)
    return f"it was evaluated on other rows than the champion ({parts})"


def _targets(predictions: Predictions) -> pl.DataFrame:
    labels = predictions.classes
    target = pl.Series(predictions.target)
    return pl.DataFrame(
        {
            "id": predictions.ids,
            "target": pl.Series(labels).gather(target) if labels else target,
        }
    )


def _renumbered(predictions: Predictions, classes: tuple[str, ...]) -> Predictions:
    if predictions.classes == classes:
        return predictions
    to: Codes = np.array([classes.index(label) for label in predictions.classes], dtype=np.int64)
    return replace(
        predictions,
        classes=classes,
        target=to[predictions.target],
        prediction=to[predictions.prediction],
    )
