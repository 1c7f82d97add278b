"""Sets of labels: scikit-learn's numbers, intervals, labels as slices, and invalid columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock import errors
from interlock.adapters.scoring import FileScoring
from interlock.domain.evaluation import scores
from interlock.domain.evaluation.scores import Scores
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model.column_map import ColumnMap
from interlock.domain.model.manifest import Evaluation, GateRule, RowsRule, Task

LABELS = ("cat", "dog", "tree")
Flags = npt.NDArray[np.bool_]
GATES = (GateRule("recall", min=0.1, slice="label", line=1),)


def truth(count: int = 300) -> Flags:
    return np.random.default_rng(0).random((count, len(LABELS))) < (0.5, 0.3, 0.1)


def guess(true: Flags, *, seed: int = 1, wrong: float = 0.2) -> Flags:
    return true ^ (np.random.default_rng(seed).random(true.shape) < wrong)


def table(true: Flags, predicted: Flags, labels: tuple[str, ...] = LABELS) -> pl.DataFrame:
    columns: dict[str, Any] = {"id": np.arange(len(true)), "topic": np.arange(len(true)) // 5}
    for index, label in enumerate(labels):
        columns[f"target_{label}"] = true[:, index]
        columns[f"prediction_{label}"] = predicted[:, index]
    return pl.DataFrame(columns)


def read(path: Path, *, group: str = "") -> Any:
    names = ColumnMap(has_labels=True, group=group)
    return FileScoring().read(path, name=path.stem, task=Task.MULTILABEL, columns=names)


def score(
    folder: Path,
    mine: pl.DataFrame,
    theirs: pl.DataFrame | None = None,
    *,
    group: str = "",
    rows: RowsRule = RowsRule.SAME,
) -> Scores:
    evaluation = Evaluation("f1_macro", seed=3, group=group or None, rows=rows)
    request = scores.request(evaluation, task=Task.MULTILABEL, rules=GATES)
    files = []
    for name, frame in {"mine": mine, "theirs": theirs}.items():
        if frame is not None:
            frame.write_parquet(folder / f"{name}.parquet")
            files.append(read(folder / f"{name}.parquet", group=group))
    champion = files[1] if theirs is not None else None
    return FileScoring().score(files[0], champion=champion, request=request)


def overall(result: Scores) -> dict[str, Comparison]:
    return {c.metric: c for c in result.comparisons[0.95] if not c.slice}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
@given(seed=st.integers(0, 10_000), rows=st.integers(1, 12), density=st.sampled_from((0.0, 0.2, 1)))
@settings(max_examples=60, deadline=None)
def test_metrics__are_those_of_scikit_learn(
    tmp_path_factory: pytest.TempPathFactory, seed: int, rows: int, density: float
) -> None:
    """Also for labels without any row, and for one row."""
    chance = np.random.default_rng(seed)
    true, predicted = (chance.random((rows, 3)) < density * chance.random() for _ in range(2))
    values = overall(score(tmp_path_factory.mktemp("rows"), table(true, predicted)))
    expected = {
        "subset_accuracy": sklearn.metrics.accuracy_score(true, predicted),
        "hamming_loss": sklearn.metrics.hamming_loss(true, predicted),
        "f1_micro": sklearn.metrics.f1_score(true, predicted, average="micro"),
        "f1_macro": sklearn.metrics.f1_score(true, predicted, average="macro"),
    }
    assert {name: c.candidate for name, c in values.items()} == pytest.approx(expected, abs=1e-12)


def test_labels__are_slices_with_the_numbers_of_scikit_learn(tmp_path: Path) -> None:
    true = truth()
    mine, theirs = guess(true), guess(true, seed=2)
    result = score(tmp_path, table(true, mine), table(true, theirs))
    of_labels = {(c.metric, c.value): c for c in result.comparisons[0.95] if c.slice == "label"}
    assert {value for _, value in of_labels} == set(LABELS)
    for index, label in enumerate(LABELS):
        f1 = of_labels["f1", label]
        expected = (sklearn.metrics.f1_score(true[:, index], m[:, index]) for m in (mine, theirs))
        assert (f1.candidate, f1.champion) == pytest.approx(tuple(expected))
        assert f1.interval is not None
        recall = sklearn.metrics.recall_score(true[:, index], mine[:, index])
        assert of_labels["recall", label].candidate == pytest.approx(recall)


@pytest.mark.parametrize("group", ["", "topic"])
def test_swapping__mirrors_every_interval_to_the_last_bit(tmp_path: Path, group: str) -> None:
    true = truth()
    mine, theirs = (table(true, guess(true, seed=seed)) for seed in (1, 2))
    there, back = (
        score(tmp_path, *files, group=group).comparisons[0.95]
        for files in ((mine, theirs), (theirs, mine))
    )
    for one, other in zip(there, back, strict=True):
        assert one.interval is not None
        assert other.interval is not None
        assert (one.interval.low, one.interval.high) == (-other.interval.high, -other.interval.low)


def test_champion__with_other_labels_is_not_compared(tmp_path: Path) -> None:
    true = truth()
    result = score(
        tmp_path, table(true, guess(true)), table(true[:, :2], guess(true)[:, :2], LABELS[:2])
    )
    assert result.champion_problem == "it has other labels than the champion ('tree' only here)"
    assert all(c.difference is None for c in result.comparisons[0.95])


def test_champion__with_another_target_is_not_compared(tmp_path: Path) -> None:
    true = truth()
    other = true.copy()
    other[7, 1] ^= True
    result = score(tmp_path, table(true, guess(true)), table(other, guess(true)))
    words = "it was evaluated on other rows than the champion (1 with another target)"
    assert result.champion_problem == words


def test_growing_rows__compare_those_of_the_champion(tmp_path: Path) -> None:
    true = truth()
    mine, theirs = table(true, guess(true)), table(true[:200], guess(true, seed=2)[:200])
    result = score(tmp_path, mine, theirs, rows=RowsRule.GROWING)
    macro = overall(result)["f1_macro"]
    expected = sklearn.metrics.f1_score(true[:200], guess(true)[:200], average="macro")
    assert macro.candidate == pytest.approx(expected)
    assert macro.whole == pytest.approx(
        sklearn.metrics.f1_score(true, guess(true), average="macro")
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.drop("prediction_dog"), "mine has no column 'prediction_dog'"),
        (lambda t: t.drop("target_dog"), "mine has no column 'target_dog'"),
        (lambda t: t.select("id"), "mine has no column 'target_<label>'"),
        (
            lambda t: t.with_columns(target_cat=pl.lit(2)),
            "mine: column 'target_cat', row 1 (id '0'): 2.0 is neither true nor false",
        ),
        (
            lambda t: t.with_columns(target_cat=pl.lit(None, pl.Boolean)),
            "column 'target_cat', row 1 (id '0'): is missing",
        ),
    ],
)
def test_read__refuses_a_file_and_names_the_column(tmp_path: Path, change: Any, words: str) -> None:
    true = truth(20)
    change(table(true, guess(true))).write_parquet(tmp_path / "mine.parquet")
    with pytest.raises(errors.CannotScore) as refused:
        read(tmp_path / "mine.parquet")
    assert words in str(refused.value)


def test_read__of_a_csv_file_gives_the_same_rows(tmp_path: Path) -> None:
    true = truth(30)
    rows = table(true, guess(true))
    rows.write_parquet(tmp_path / "a.parquet")
    rows.write_csv(tmp_path / "b.csv")
    rows.with_columns(pl.selectors.boolean().cast(pl.Int8)).write_csv(tmp_path / "c.csv")
    a, b, c = (read(tmp_path / name).rows for name in ("a.parquet", "b.csv", "c.csv"))
    assert a == b == c
