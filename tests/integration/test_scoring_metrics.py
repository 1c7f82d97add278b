"""Each metric is scikit-learn's number, and each resample's metric that of the rows drawn."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlock.adapters.scoring import bootstrap, labels, view_metrics
from interlock.adapters.scoring.sizes import Sizes
from interlock.adapters.scoring.view import RowsView
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model import metrics
from interlock.domain.model.manifest import Task
from tests.integration import by_scikit_learn
from tests.integration import predictions_files as files

MULTICLASS, BINARY, REGRESSION = Task.MULTICLASS, Task.BINARY, Task.REGRESSION
Columns = dict[str, Any]


def columns_of(task: Task, *, rows: int, right: float, seed: int) -> Columns:
    if task is REGRESSION:
        return files.values(rows, error=5 * (1 - right) + 0.1, seed=seed)
    labels_ = 2 if task is BINARY else 4
    return files.classes(rows, labels=labels_, right=right, seed=seed, scores=True)


def overall(comparisons: tuple[Comparison, ...]) -> dict[str, Comparison]:
    return {c.metric: c for c in comparisons if not c.slice}


@pytest.mark.parametrize("task", files.TASKS)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.integers(12, 200), right=st.floats(0.2, 0.99), seed=st.integers(0, 10_000))
def test_metric__of_a_file_is_scikit_learns_number(
    tmp_path: Path, task: Task, rows: int, right: float, seed: int
) -> None:
    columns = columns_of(task, rows=rows, right=right, seed=seed)
    champion = columns_of(task, rows=rows, right=0.7, seed=seed + 1)
    comparisons = overall(files.score(tmp_path, columns, champion, task=task).comparisons[0.95])
    expected, theirs = (by_scikit_learn.of(view_of(task, c)) for c in (columns, champion))
    for name, value in expected.items():
        if math.isfinite(value):
            assert comparisons[name].candidate == pytest.approx(value, rel=1e-12, abs=1e-12), name
        else:
            assert comparisons[name].candidate is None
            assert "undefined" in comparisons[name].problem
        if math.isfinite(value) and math.isfinite(theirs[name]):
            assert comparisons[name].difference == pytest.approx(value - theirs[name], abs=1e-9)


def view_of(task: Task, columns: Columns, *, digits: int = 17) -> RowsView:
    if task is REGRESSION:
        return RowsView(task, columns["target"], columns["prediction"], 0, None, None, ())
    scores = np.column_stack([v for name, v in columns.items() if name.startswith("score_")])
    size, is_binary = scores.shape[1], task is BINARY
    return RowsView(
        task,
        columns["target"].astype(np.int64),
        columns["prediction"].astype(np.int64),
        size,
        1 if is_binary else None,
        np.round(scores[:, 1:] if is_binary else scores, digits),
        (1,) if is_binary else tuple(range(size)),
    )


def weights(rows: int, *, resamples: int, seed: int) -> Any:
    drawn = np.random.default_rng(seed).integers(0, rows, (resamples, rows))
    return drawn, np.array([np.bincount(each, minlength=rows) for each in drawn], dtype=float)


def of_resamples(view: RowsView, counts: Any) -> dict[str, Any]:
    """Every resampled metric of a view, as the bootstrap computes it."""
    rows = view_metrics.of(view, groups=bootstrap.groups(view, seed=0)).rows
    assert rows is not None
    values = dict(rows.resampled(counts))
    if view.task is not REGRESSION:
        counted = labels.count(
            counts, target=view.target, prediction=view.prediction, classes=view.classes
        )
        values |= labels.of(counted, task=view.task, positive=view.positive)
    return values


@pytest.mark.parametrize("task", files.TASKS)
@pytest.mark.parametrize("rows", [25, 60])
def test_resample__has_the_metrics_of_the_rows_that_were_drawn(task: Task, rows: int) -> None:
    """The weighted formulas of the bootstrap against scikit-learn on the drawn rows themselves;
    scores are rounded, so that there are ties."""
    view = view_of(task, columns_of(task, rows=rows, right=0.7, seed=rows), digits=1)
    drawn, counts = weights(rows, resamples=40, seed=rows)
    document = of_resamples(view, counts)
    names = set(metrics.named(task)) - {metrics.MODEL_SIZE, "max_error"}
    assert set(document) == names
    for place, chosen in enumerate(drawn):
        expected = by_scikit_learn.of(_only(view, chosen))
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


def test_influence__of_the_median_gives_the_spread_of_its_resamples() -> None:
    view = view_of(REGRESSION, columns_of(REGRESSION, rows=2000, right=0.7, seed=5))
    sizes = Sizes.of(np.abs(view.target - view.prediction))
    _, counts = weights(2000, resamples=400, seed=1)
    influence = sizes.influence(bootstrap.groups(view, seed=0), sizes.quantile())
    assert (counts @ influence).std() == pytest.approx(sizes.quantiles(counts).std(), rel=0.25)


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
