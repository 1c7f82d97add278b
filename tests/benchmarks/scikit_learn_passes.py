"""Print metrics of predictions files by scikit-learn: `python -m
tests.benchmarks.scikit_learn_passes TASK METRICS FILE ...`, with METRICS as `roc_auc,brier`."""

from __future__ import annotations

import json
import sys

import polars as pl

from interlock.adapters.scoring.view import RowsView
from interlock.domain.model.manifest import Task
from tests.integration import by_scikit_learn


def main() -> None:
    task, names, *paths = sys.argv[1:]
    print(json.dumps([_values(Task(task), names.split(","), path) for path in paths]))


def _values(task: Task, names: list[str], path: str) -> dict[str, float]:
    frame = pl.scan_parquet(path).drop("id").collect()
    target, prediction = (frame[column].to_numpy() for column in ("target", "prediction"))
    scores = frame.select(pl.selectors.starts_with("score_")).to_numpy()
    view = RowsView(
        task=task,
        target=target,
        prediction=prediction,
        classes=0 if task is Task.REGRESSION else int(target.max()) + 1,
        positive=1 if task is Task.BINARY else None,
        scores=scores if scores.size else None,
        scored=tuple(range(scores.shape[1])),
    )
    metrics = by_scikit_learn.METRICS[task]
    return {name: float(metrics[name](view)) for name in names}


if __name__ == "__main__":
    main()
