"""Each metric is scikit-learn's number, and each resample's metric that of the rows drawn."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlock.adapters.scoring import labels, points, ranks, sums
from interlock.adapters.scoring.view import RowsView
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model import metrics
from interlock.domain.model.manifest import Task
from tests.integration import predictions_files as files

MULTICLASS, BINARY, REGRESSION = Task.MULTICLASS, Task.BINARY, Task.REGRESSION
Columns = dict[str, Any]


def _average(score: Callable[..., float], average: str) -> Callable[[Columns], float]:
    return lambda c: score(c["target"], c["prediction"], average=average, zero_division=0)


def _of_one(score: Callable[..., float]) -> Callable[[Columns], float]:
    return lambda c: score(c["target"], c["prediction"], zero_division=0)


def _plain(score: Callable[..., float]) -> Callable[[Columns], float]:
    return lambda c: score(c["target"], c["prediction"])


def _matrix(columns: Columns) -> Any:
    return np.column_stack([v for name, v in columns.items() if name.startswith("score_")])


# scikit-learn itself, on every row as it stands: no cells, no weights, nothing of ours.
EXPECTED: dict[tuple[Task, str], Callable[[Columns], float]] = {
    **{
        (task, name): expected
        for task in (BINARY, MULTICLASS)
        for name, expected in {
            "accuracy": _plain(sk.accuracy_score),
            "balanced_accuracy": _plain(sk.balanced_accuracy_score),
            "f1_macro": _average(sk.f1_score, "macro"),
            "f1_weighted": _average(sk.f1_score, "weighted"),
            "f1_micro": _average(sk.f1_score, "micro"),
            "precision_macro": _average(sk.precision_score, "macro"),
            "recall_macro": _average(sk.recall_score, "macro"),
            "matthews_corrcoef": _plain(sk.matthews_corrcoef),
            "cohen_kappa": _plain(sk.cohen_kappa_score),
        }.items()
    },
    (BINARY, "f1"): _of_one(sk.f1_score),
    (BINARY, "precision"): _of_one(sk.precision_score),
    (BINARY, "recall"): _of_one(sk.recall_score),
    (BINARY, "roc_auc"): lambda c: sk.roc_auc_score(c["target"], c["score_1"]),
    (BINARY, "average_precision"): lambda c: sk.average_precision_score(c["target"], c["score_1"]),
    (BINARY, "log_loss"): lambda c: sk.log_loss(c["target"], c["score_1"]),
    (BINARY, "brier"): lambda c: sk.brier_score_loss(c["target"], c["score_1"]),
    (MULTICLASS, "roc_auc_ovr"): lambda c: sk.roc_auc_score(
        c["target"], _matrix(c), multi_class="ovr"
    ),
    (MULTICLASS, "log_loss"): lambda c: sk.log_loss(c["target"], _matrix(c)),
    (REGRESSION, "mae"): _plain(sk.mean_absolute_error),
    (REGRESSION, "mse"): _plain(sk.mean_squared_error),
    (REGRESSION, "rmse"): _plain(sk.root_mean_squared_error),
    (REGRESSION, "r2"): _plain(sk.r2_score),
    (REGRESSION, "median_absolute_error"): _plain(sk.median_absolute_error),
    (REGRESSION, "mape"): _plain(sk.mean_absolute_percentage_error),
    (REGRESSION, "max_error"): _plain(sk.max_error),
    (REGRESSION, "explained_variance"): _plain(sk.explained_variance_score),
}


def test_metrics__that_a_gate_may_name_are_all_held_against_scikit_learn() -> None:
    named = {(task, name) for task in Task for name in metrics.named(task)}
    assert set(EXPECTED) == {each for each in named if each[1] != metrics.MODEL_SIZE}


def columns_of(task: Task, *, rows: int, right: float, seed: int) -> Columns:
    if task is REGRESSION:
        return files.values(rows, error=5 * (1 - right) + 0.1, seed=seed)
    labels_ = 2 if task is BINARY else 4
    return files.classes(rows, labels=labels_, right=right, seed=seed, scores=True)


def overall(comparisons: tuple[Comparison, ...]) -> dict[str, Comparison]:
    return {c.metric: c for c in comparisons if not c.slice}


@pytest.mark.parametrize("task", list(Task))
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.integers(12, 200), right=st.floats(0.2, 0.99), seed=st.integers(0, 10_000))
def test_metric__is_scikit_learns_number(
    tmp_path: Path, task: Task, rows: int, right: float, seed: int
) -> None:
    columns = columns_of(task, rows=rows, right=right, seed=seed)
    champion = columns_of(task, rows=rows, right=0.7, seed=seed + 1)
    comparisons = overall(files.score(tmp_path, columns, champion, task=task).comparisons[0.95])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in metrics.named(task):
            if name == metrics.MODEL_SIZE:
                continue
            expected, theirs = (EXPECTED[task, name](c) for c in (columns, champion))
            if math.isfinite(expected):
                assert comparisons[name].candidate == pytest.approx(
                    expected, rel=1e-9, abs=1e-12
                ), name
            else:
                assert comparisons[name].candidate is None
                assert "undefined" in comparisons[name].problem
            if math.isfinite(theirs) and math.isfinite(expected):
                assert comparisons[name].difference == pytest.approx(expected - theirs, abs=1e-9), (
                    name
                )


def weights(rows: int, *, resamples: int, seed: int) -> Any:
    drawn = np.random.default_rng(seed).integers(0, rows, (resamples, rows))
    return drawn, np.array([np.bincount(each, minlength=rows) for each in drawn], dtype=float)


def of_view(view: RowsView, counts: Any) -> dict[str, Any]:
    """Every resampled metric of a view, as the bootstrap computes it."""
    values = {name: rank.exact(counts) for name, rank in ranks.of(view).items()}
    if view.task is REGRESSION:
        every = sums.of_values(view)
    else:
        counted = labels.count(
            counts, target=view.target, prediction=view.prediction, classes=view.classes
        )
        values |= labels.of(counted, task=view.task, positive=view.positive)
        assert view.scores is not None
        every = sums.of_scores(view, view.scores)
    return values | every.statistics(counts @ every.columns)


def view_of(task: Task, *, rows: int, seed: int) -> RowsView:
    columns = columns_of(task, rows=rows, right=0.7, seed=seed)
    if task is REGRESSION:
        return RowsView(task, columns["target"], columns["prediction"], 0, None, None, ())
    scores = _matrix(columns)
    size = scores.shape[1]
    is_binary = task is BINARY
    return RowsView(
        task,
        columns["target"].astype(np.int64),
        columns["prediction"].astype(np.int64),
        size,
        1 if is_binary else None,
        # Rounded, so that there are ties.
        np.round(scores[:, 1:] if is_binary else scores, 1),
        (1,) if is_binary else tuple(range(size)),
    )


@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("rows", [25, 60])
def test_resample__has_the_metrics_of_the_rows_that_were_drawn(task: Task, rows: int) -> None:
    """The weighted formulas of the bootstrap against scikit-learn on the drawn rows themselves."""
    view = view_of(task, rows=rows, seed=rows)
    drawn, counts = weights(rows, resamples=40, seed=rows)
    document = of_view(view, counts)
    names = set(metrics.named(task)) - {metrics.MODEL_SIZE, "max_error"}
    assert set(document) == names
    for place, chosen in enumerate(drawn):
        expected = points.of(_only(view, chosen))
        for name in names:
            value = document[name][place]
            assert value == pytest.approx(expected[name], rel=1e-9, abs=1e-9, nan_ok=True), name


def _only(view: RowsView, chosen: Any) -> RowsView:
    return RowsView(
        view.task,
        view.target[chosen],
        view.prediction[chosen],
        view.classes,
        view.positive,
        None if view.scores is None else view.scores[chosen],
        view.scored,
    )


@pytest.mark.parametrize(
    ("task", "name"),
    [(BINARY, "roc_auc"), (BINARY, "average_precision"), (MULTICLASS, "roc_auc_ovr")],
)
def test_influence__is_the_gradient_of_the_metric_in_the_weights_of_rows(
    task: Task, name: str
) -> None:
    view = view_of(task, rows=40, seed=5)
    rank = ranks.of(view)[name]
    step = 1e-6
    ones = np.ones((1, 40))
    nudged = ones + step * np.eye(40)
    gradient = (rank.exact(nudged) - rank.exact(ones)) / step
    assert rank.influence() == pytest.approx(gradient, abs=1e-5)


def test_influence__of_the_median_gives_the_spread_of_its_resamples() -> None:
    view = view_of(REGRESSION, rows=2000, seed=5)
    rank = ranks.of(view)["median_absolute_error"]
    _, counts = weights(2000, resamples=400, seed=1)
    linear = (counts @ rank.influence()).std()
    assert linear == pytest.approx(rank.exact(counts).std(), rel=0.25)


def test_scores__that_are_not_there_leave_their_metrics_unknown_with_the_reason(
    tmp_path: Path,
) -> None:
    comparisons = overall(files.score(tmp_path, files.classes()).comparisons[0.95])
    assert comparisons["log_loss"].candidate is None
    assert (
        comparisons["log_loss"].problem == "needs the columns score_<class>, and the file has none"
    )
    with_scores = files.classes(scores=True)
    both = files.score(tmp_path, with_scores, files.classes(seed=1))
    other = overall(both.comparisons[0.95])["log_loss"]
    assert (other.champion, other.difference, other.interval) == (None, None, None)
    assert other.problem.startswith("of the champion: needs the columns score_<class>")


def test_scores__of_the_other_class_alone_name_the_positive_one(tmp_path: Path) -> None:
    """The positive class is the only one with scores, else the last in order."""
    columns = files.classes(labels=2, scores=True)
    del columns["score_1"]
    comparisons = overall(files.score(tmp_path, columns, task=BINARY).comparisons[0.95])
    expected = sk.recall_score(columns["target"], columns["prediction"], pos_label=0)
    assert comparisons["recall"].candidate == pytest.approx(expected)
    area = sk.roc_auc_score(columns["target"] == 0, columns["score_0"])
    assert comparisons["roc_auc"].candidate == pytest.approx(area)


def test_binary__of_one_class_alone_does_not_know_its_positive(tmp_path: Path) -> None:
    columns = {"id": [1, 2, 3], "target": [0, 0, 0], "prediction": [0, 0, 0]}
    comparisons = overall(files.score(tmp_path, columns, task=BINARY).comparisons[0.95])
    assert comparisons["f1"].candidate is None
    assert "undefined" in comparisons["f1"].problem
    assert comparisons["accuracy"].candidate == 1.0


def test_slices__are_scored_row_for_row_on_their_own(tmp_path: Path) -> None:
    columns, champion = files.classes(right=0.9), files.classes(right=0.6, seed=1)
    comparisons = files.score(tmp_path, columns, champion, slices=("group",)).comparisons[0.95]
    for value in ("a", "b"):
        (one,) = [c for c in comparisons if c.value == value]
        rows = columns["group"] == value
        expected, theirs = (
            sk.f1_score(c["target"][rows], c["prediction"][rows], average="macro")
            for c in (columns, champion)
        )
        assert (one.slice, one.metric, one.rows) == ("group", "f1_macro", int(rows.sum()))
        assert one.candidate == pytest.approx(expected)
        assert one.difference == pytest.approx(expected - theirs)
        assert one.interval is not None
        assert one.interval.low < expected - theirs < one.interval.high
