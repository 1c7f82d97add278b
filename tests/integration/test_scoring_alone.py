"""One metric of one file, as live rows have it: its value, and the interval that it lies in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn import metrics as sk

from interlock import errors
from interlock.adapters.scoring import FileScoring
from interlock.domain.manifest import Task
from interlock.domain.scores import Measured

ROWS = 600


def measure(folder: Path, frame: pl.DataFrame, *, task: Task, metric: str) -> Measured:
    path = folder / "live.parquet"
    frame.write_parquet(path)
    return FileScoring().measure(
        path, name="live", task=task, metric=metric, confidence=0.95, seed=7
    )


def drawn(score: object, target: np.ndarray, prediction: np.ndarray) -> tuple[float, float]:
    """The percentile interval by its definition, one resample after the other."""
    rng = np.random.default_rng(1)
    found = [
        score(target[rows], prediction[rows])  # type: ignore[operator]
        for rows in (rng.integers(0, len(target), len(target)) for _ in range(400))
    ]
    return float(np.quantile(found, 0.025)), float(np.quantile(found, 0.975))


def test_measure__of_classes_is_the_metric_and_its_bootstrap_interval(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    target = rng.integers(0, 3, ROWS)
    prediction = np.where(rng.random(ROWS) < 0.8, target, (target + 1) % 3)
    frame = pl.DataFrame({"id": range(ROWS), "target": target, "prediction": prediction})
    found = measure(tmp_path, frame, task=Task.MULTICLASS, metric="accuracy")
    assert found.value == pytest.approx((target == prediction).mean())
    assert found.rows == ROWS
    assert found.interval is not None
    low, high = drawn(sk.accuracy_score, target, prediction)
    assert found.interval.low == pytest.approx(low, abs=0.008)
    assert found.interval.high == pytest.approx(high, abs=0.008)


def test_measure__of_values_is_the_metric_and_its_bootstrap_interval(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    target = rng.normal(size=ROWS)
    prediction = target + rng.normal(scale=0.5, size=ROWS)
    frame = pl.DataFrame({"id": range(ROWS), "target": target, "prediction": prediction})
    found = measure(tmp_path, frame, task=Task.REGRESSION, metric="rmse")
    assert found.value == pytest.approx(sk.root_mean_squared_error(target, prediction))
    assert found.interval is not None
    low, high = drawn(sk.root_mean_squared_error, target, prediction)
    assert found.interval.low == pytest.approx(low, abs=0.012)
    assert found.interval.high == pytest.approx(high, abs=0.012)


def test_measure__takes_a_prediction_of_a_class_that_no_live_row_is(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": [1, 2], "target": ["a", "b"], "prediction": ["a", "c"]})
    found = measure(tmp_path, frame, task=Task.MULTICLASS, metric="accuracy")
    assert found.value == 0.5


def test_measure__of_a_metric_without_its_columns_says_why(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": [1, 2], "target": ["a", "b"], "prediction": ["a", "b"]})
    found = measure(tmp_path, frame, task=Task.BINARY, metric="roc_auc")
    assert (found.value, found.interval) == (None, None)
    assert "score_" in found.problem


def test_measure__of_ids_that_stand_twice_is_refused(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": [1, 1], "target": ["a", "b"], "prediction": ["a", "b"]})
    with pytest.raises(errors.CannotScore, match="more than once"):
        measure(tmp_path, frame, task=Task.BINARY, metric="accuracy")
