"""Predictions files for tests: made of columns, written as Parquet or CSV."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from interlock.adapters.scoring import FileScoring
from interlock.domain.evaluation import scores
from interlock.domain.evaluation.scores import Scores, ScoringRequest
from interlock.domain.model.manifest import Evaluation, Task

Columns = Mapping[str, Any]
TASKS = (Task.BINARY, Task.MULTICLASS, Task.REGRESSION)
"""Those whose rows have one target and one prediction."""


def write(path: Path, columns: Columns) -> Path:
    """Write Parquet or CSV, as the suffix says."""
    frame = pl.DataFrame(columns)
    if path.suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)
    return path


def classes(
    rows: int = 300, *, labels: int = 3, right: float = 0.8, seed: int = 0, scores: bool = False
) -> dict[str, Any]:
    """Columns of a classifier; the targets depend on `rows` and `labels` alone."""
    target = np.random.default_rng(rows).integers(0, labels, rows)
    chance = np.random.default_rng(seed)
    wrong = (target + chance.integers(1, labels, rows)) % labels
    prediction = np.where(chance.random(rows) < right, target, wrong)
    columns: dict[str, Any] = {"id": np.arange(rows), "target": target, "prediction": prediction}
    columns["group"] = np.where(np.arange(rows) % 3 == 0, "a", "b")
    if scores:
        raw = chance.random((rows, labels)) + 2.0 * np.eye(labels)[prediction]
        raw /= raw.sum(axis=1, keepdims=True)
        columns |= {f"score_{label}": raw[:, label] for label in range(labels)}
    return columns


def values(rows: int = 300, *, error: float = 1.0, seed: int = 0) -> dict[str, Any]:
    """Columns of a regression; the targets depend on `rows` alone."""
    target = np.random.default_rng(rows).normal(50, 10, rows)
    chance = np.random.default_rng(seed)
    prediction = target + chance.normal(0, error, rows)
    return {"id": np.arange(rows), "target": target, "prediction": prediction}


def request(
    task: Task,
    *,
    slices: tuple[str, ...] = (),
    seed: int = 0,
    confidence: float = scores.CONFIDENCE,
    resamples: int = 500,
    primary: str = "",
    positive: str | None = None,
) -> ScoringRequest:
    evaluation = Evaluation(primary or scores.PRIMARY[task], slices, seed, positive=positive)
    return scores.request(
        evaluation, task=task, rules=(), confidence=confidence, resamples=resamples
    )


def score(
    folder: Path,
    candidate: Columns,
    champion: Columns | None = None,
    *,
    task: Task = Task.MULTICLASS,
    suffix: str = ".parquet",
    **more: Any,
) -> Scores:
    """Write both files and score them."""
    scoring_request = request(task, **more)
    scoring = FileScoring()
    mine = scoring.read(
        write(folder / f"candidate{suffix}", candidate),
        name="candidate",
        task=task,
        slices=scoring_request.slices,
        positive=scoring_request.positive,
    )
    theirs = None
    if champion is not None:
        path = write(folder / f"champion{suffix}", champion)
        theirs = scoring.read(path, name="champion", task=task, positive=scoring_request.positive)
    return scoring.score(mine, champion=theirs, request=scoring_request)
