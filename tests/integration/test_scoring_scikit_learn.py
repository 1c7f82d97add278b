"""Each metric is scikit-learn's number to 1e-12, and the same for any division into batches and any
number of threads."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlock.adapters.scoring import batches, bootstrap, resampling, view_metrics
from interlock.adapters.scoring.curves import Curve
from interlock.adapters.scoring.resampling import Groups
from interlock.adapters.scoring.view import RowsView
from interlock.domain.model import metrics
from interlock.domain.model.manifest import Task
from tests.integration import by_scikit_learn
from tests.integration import predictions_files as files

SMALL_BATCH = 8
_PROGRAM = """
import hashlib, sys
import numpy as np
from interlock.adapters.scoring import bootstrap, view_metrics
from interlock.adapters.scoring.view import RowsView
from interlock.domain.model.manifest import Task

def view(seed):
    chance = np.random.default_rng(seed)
    target = np.random.default_rng(0).integers(0, 2, 30_000)
    scores = np.clip(chance.normal(0.3 + 0.3 * target, 0.2), 0, 1)
    prediction = (scores > 0.5).astype(int)
    return RowsView(Task.BINARY, target, prediction, 2, 1, scores[:, None], (1,))

views = [view(1), view(2)]
groups = bootstrap.groups(views[0], seed=3)
measured = view_metrics.of_each({str(n): (view, groups) for n, view in enumerate(views)})
drawn = bootstrap.differences(*measured.values(), resamples=100, seed=3)
print(hashlib.sha256(b"".join(drawn[name].tobytes() for name in sorted(drawn))).hexdigest())
print(*sorted({"pandas", "scipy", "sklearn"} & {*sys.modules}))
"""


def view_of(
    task: Task, *, rows: int, seed: int, digits: int = 9, classes: int = 3, right: float = 0.6
) -> RowsView:
    """Random rows; few digits give equal scores, and all rows of one score without digits."""
    chance = np.random.default_rng(seed)
    if task is Task.REGRESSION:
        values = np.round(chance.normal(50, 10, rows), digits)
        error = np.round(chance.normal(3, 1, rows), digits)
        return RowsView(task, values, values + error, 0, None, None, ())
    size = 2 if task is Task.BINARY else classes
    target = chance.integers(0, size, rows)
    is_right = chance.random(rows) < right
    prediction = np.where(is_right, target, chance.integers(0, size, rows))
    scores = chance.random((rows, size)) + np.eye(size)[prediction]
    scores = np.round(scores / scores.sum(axis=1, keepdims=True), digits)
    if task is Task.BINARY:
        return RowsView(task, target, prediction, 2, 1, scores[:, 1:], (1,))
    return RowsView(task, target, prediction, size, None, scores, tuple(range(size)))


def test_metrics__that_a_gate_may_name_are_all_compared() -> None:
    for task in files.TASKS:
        names = set(metrics.named(task)) - {metrics.MODEL_SIZE}
        assert set(by_scikit_learn.METRICS[task]) == names
        assert set(view_metrics.of(view_of(task, rows=20, seed=1)).values) == names


def is_equal(view: RowsView) -> None:
    expected, actual = by_scikit_learn.of(view), view_metrics.of(view).values
    for name, value in expected.items():
        assert actual[name] == pytest.approx(value, rel=1e-12, abs=1e-12, nan_ok=True), name


@pytest.mark.parametrize("task", files.TASKS)
@pytest.mark.parametrize("batch", [SMALL_BATCH, batches.ROWS])
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.integers(1, 120),
    seed=st.integers(0, 10_000),
    digits=st.sampled_from([0, 1, 2, 9]),
    classes=st.integers(2, 6),
    right=st.sampled_from([0.0, 0.5, 0.9, 1.0]),
)
def test_metric__is_scikit_learns_number(
    monkeypatch: pytest.MonkeyPatch, task: Task, batch: int, **more: Any
) -> None:
    monkeypatch.setattr(batches, "ROWS", batch)
    is_equal(view_of(task, **more))


@pytest.mark.parametrize("task", [Task.BINARY, Task.MULTICLASS])
@pytest.mark.parametrize("target", [0, 1])
@pytest.mark.parametrize("rows", [1, 2, 50])
def test_metric__of_one_class_is_scikit_learns_number(task: Task, target: int, rows: int) -> None:
    view = view_of(task, rows=rows, seed=3)
    scores = None if view.scores is None else view.scores
    for prediction in (view.prediction, np.full(rows, target)):
        is_equal(
            RowsView(
                task,
                np.full(rows, target),
                prediction,
                view.classes,
                view.positive,
                scores,
                view.scored,
            )
        )


@pytest.mark.parametrize("score", [0.0, 0.3, 1.0])
def test_metric__of_constant_scores_is_scikit_learns_number(score: float) -> None:
    view = view_of(Task.BINARY, rows=50, seed=3)
    scores = np.full((50, 1), score)
    is_equal(RowsView(Task.BINARY, view.target, view.prediction, 2, 1, scores, (1,)))


@pytest.mark.parametrize("error", [0.0, 0.25])
@pytest.mark.parametrize("target", [0.0, 2.0, -3.5])
def test_metric__of_a_constant_target_is_scikit_learns_number(target: float, error: float) -> None:
    targets = np.full(9, target)
    is_equal(RowsView(Task.REGRESSION, targets, targets + error, 0, None, None, ()))


def test_metric__of_a_constant_target_that_is_not_a_binary_fraction_is_not_rounding_noise() -> None:
    """scikit-learn divides by the rounding error of the mean: its r2 is -5e31 here."""
    targets = np.full(7, 0.1)
    view = RowsView(Task.REGRESSION, targets, targets + 0.1, 0, None, None, ())
    assert view_metrics.of(view).values["r2"] == 0.0


@pytest.mark.parametrize("task", files.TASKS)
@pytest.mark.parametrize("digits", [1, 9])
def test_metric__of_several_batches_is_scikit_learns_number(task: Task, digits: int) -> None:
    """With one digit, a run of equal scores is longer than a batch."""
    is_equal(view_of(task, rows=2 * batches.ROWS + 7, seed=4, digits=digits))


@pytest.mark.parametrize("digits", [1, 9])
@pytest.mark.parametrize("batch", [SMALL_BATCH, batches.ROWS])
def test_influence__is_the_gradient_of_the_metric_in_the_weights_of_rows(
    monkeypatch: pytest.MonkeyPatch, batch: int, digits: int
) -> None:
    monkeypatch.setattr(batches, "ROWS", batch)
    view = view_of(Task.BINARY, rows=60, seed=5, digits=digits)
    assert view.scores is not None
    curve = Curve.of(view.scores[:, 0], view.target == 1)
    step, ones = 1e-6, np.ones((1, 60))
    every_row = Groups(np.arange(60), 60)
    for value, of_resamples, influence in (
        (curve.area(), curve.areas, curve.area_influence),
        (curve.precision(), curve.precisions, curve.precision_influence),
    ):
        assert of_resamples(ones)[0] == pytest.approx(value, rel=1e-12)
        gradient = (of_resamples(ones + step * np.eye(60)) - of_resamples(ones)) / step
        assert influence(every_row, value) == pytest.approx(gradient, abs=1e-5)


def test_influence__of_a_group_is_the_sum_of_its_rows() -> None:
    view = view_of(Task.BINARY, rows=1_000, seed=6, digits=2)
    group = resampling.groups(1_000, most=50, seed=1)
    alone = bootstrap.groups(view, seed=1)
    one, each = (view_metrics.of(view, groups=g).rows for g in (group, alone))
    assert one is not None
    assert each is not None
    assert list(one.linear) == ["roc_auc", "average_precision"]
    for place, column in enumerate(each.totals.T):
        expected = np.bincount(group.of_row, weights=column)
        assert one.totals[:, place] == pytest.approx(expected, abs=1e-12)


def test_bootstrap__is_the_same_with_any_number_of_threads_and_without_scikit_learn() -> None:
    printed = {_run(threads) for threads in ("1", "2", "7")}
    ((_, imported),) = (text.split("\n", 1) for text in printed)
    assert imported.strip() == ""


def _run(threads: str) -> str:
    environment = os.environ | {"OPENBLAS_NUM_THREADS": threads}
    command = [sys.executable, "-c", _PROGRAM]
    run = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return run.stdout
