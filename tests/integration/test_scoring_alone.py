"""One metric of one file, as live rows have it: its value, and the interval that it lies in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from interlock import errors
from interlock.adapters.scoring import FileScoring
from interlock.domain.evaluation.scores import MetricValue
from interlock.domain.model.manifest import Task

ROWS = 600
Values = npt.NDArray[Any]


def measure(folder: Path, frame: pl.DataFrame, *, task: Task, metric: str) -> MetricValue:
    path = folder / "live.parquet"
    frame.write_parquet(path)
    return FileScoring().measure(
        path, name="live", task=task, metric=metric, confidence=0.95, seed=7
    )


def drawn(
    score: Callable[[Values, Values], Values], target: Values, prediction: Values
) -> tuple[float, float]:
    """The percentile interval by its definition; `score` is over the last axis."""
    rows = np.random.default_rng(1).integers(0, len(target), (1000, len(target)))
    values = score(target[rows], prediction[rows])
    return float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975))


def accuracy(target: Values, prediction: Values) -> Values:
    values: Values = (target == prediction).mean(axis=-1)
    return values


def rmse(target: Values, prediction: Values) -> Values:
    values: Values = np.sqrt(((target - prediction) ** 2).mean(axis=-1))
    return values


def test_measure__of_classes_is_the_metric_and_its_bootstrap_interval(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    target = rng.integers(0, 3, ROWS)
    prediction = np.where(rng.random(ROWS) < 0.8, target, (target + 1) % 3)
    frame = pl.DataFrame({"id": range(ROWS), "target": target, "prediction": prediction})
    metric_value = measure(tmp_path, frame, task=Task.MULTICLASS, metric="accuracy")
    assert metric_value.value == pytest.approx((target == prediction).mean())
    assert metric_value.rows == ROWS
    assert metric_value.interval is not None
    low, high = drawn(accuracy, target, prediction)
    assert metric_value.interval.low == pytest.approx(low, abs=0.006)
    assert metric_value.interval.high == pytest.approx(high, abs=0.006)


def test_measure__of_values_is_the_metric_and_its_bootstrap_interval(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    target = rng.normal(size=ROWS)
    prediction = target + rng.normal(scale=0.5, size=ROWS)
    frame = pl.DataFrame({"id": range(ROWS), "target": target, "prediction": prediction})
    metric_value = measure(tmp_path, frame, task=Task.REGRESSION, metric="rmse")
    assert metric_value.value == pytest.approx(rmse(target, prediction))
    assert metric_value.interval is not None
    low, high = drawn(rmse, target, prediction)
    assert metric_value.interval.low == pytest.approx(low, abs=0.008)
    assert metric_value.interval.high == pytest.approx(high, abs=0.008)


def test_measure__takes_a_prediction_of_a_class_that_no_live_row_is(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": [1, 2], "target": ["a", "b"], "prediction": ["a", "c"]})
    metric_value = measure(tmp_path, frame, task=Task.MULTICLASS, metric="accuracy")
    assert metric_value.value == 0.5


def test_measure__of_a_metric_without_its_columns_says_why(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": [1, 2], "target": [0, 1], "prediction": [0, 1]})
    metric_value = measure(tmp_path, frame, task=Task.BINARY, metric="roc_auc")
    assert (metric_value.value, metric_value.interval) == (None, None)
    assert "score_" in metric_value.problem


def test_measure__of_ids_that_stand_twice_is_refused(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": [1, 1], "target": ["a", "b"], "prediction": ["a", "b"]})
    with pytest.raises(errors.CannotScore, match="more than once"):
        measure(tmp_path, frame, task=Task.BINARY, metric="accuracy")
