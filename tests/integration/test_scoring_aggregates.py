"""Metrics of the manifest's own, over columns of files: numbers, intervals, groups, bad columns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats  # type: ignore[import-untyped]

from interlock import errors
from interlock.adapters.scoring import FileScoring
from interlock.domain.evaluation import scores
from interlock.domain.evaluation.scores import Scores
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model.column_map import ColumnMap
from interlock.domain.model.manifest import Aggregate, Better, Evaluation, RowMetric, Task
from tests.integration import predictions_files as files

GREATER, SMALLER = Better.GREATER, Better.SMALLER
METRICS = (
    RowMetric("exact_match", Aggregate.MEAN, ("em",), GREATER),
    RowMetric("cost_usd", Aggregate.SUM, ("cost",), SMALLER),
    RowMetric("wer", Aggregate.RATIO, ("errors", "words"), SMALLER),
    RowMetric("latency_p95", Aggregate.QUANTILE, ("latency",), SMALLER, 0.95),
    RowMetric("size", Aggregate.RMSE, ("error",), SMALLER),
    RowMetric("refusals", Aggregate.RATE, ("refused",), SMALLER),
)


def rows(count: int = 400, *, seed: int = 1, lift: float = 0.0) -> dict[str, Any]:
    fixed, chance = np.random.default_rng(count), np.random.default_rng(seed)
    return {
        "id": np.arange(count),
        "em": (chance.random(count) < 0.6 + lift).astype(float),
        "cost": chance.gamma(2, 0.01, count),
        "errors": chance.integers(0, 4, count),
        "words": fixed.integers(5, 30, count),
        "latency": chance.gamma(2, 100, count),
        "error": chance.normal(size=count),
        "refused": chance.random(count) < 0.1,
        "conversation": np.arange(count) // 5,
        "topic": np.where(np.arange(count) % 2 == 0, "maths", "law"),
    }


def columns(group: str = "", metrics: tuple[RowMetric, ...] = METRICS) -> ColumnMap:
    return ColumnMap(
        measured=tuple(dict.fromkeys(c for m in metrics for c in m.columns)),
        flags=tuple(m.columns[0] for m in metrics if m.aggregate is Aggregate.RATE),
        group=group,
        is_scored=True,
    )


def score(
    folder: Path, mine: dict[str, Any], theirs: dict[str, Any] | None = None, *, group: str = ""
) -> Scores:
    request = scores.request(
        Evaluation("exact_match", ("topic",), seed=3, metrics=METRICS, group=group or None),
        task=Task.SCORED,
        rules=(),
    )
    of_side = {"mine": columns(group), "theirs": replace(columns(), is_partial=True)}
    read = {
        name: FileScoring().read(
            files.write(folder / f"{name}.parquet", each),
            name=name,
            task=Task.SCORED,
            slices=request.slices,
            columns=of_side[name],
        )
        for name, each in {"mine": mine, "theirs": theirs}.items()
        if each is not None
    }
    return FileScoring().score(read["mine"], champion=read.get("theirs"), request=request)


def overall(result: Scores) -> dict[str, Comparison]:
    return {c.metric: c for c in result.comparisons[0.95] if not c.slice}


def test_metrics__are_those_of_numpy(tmp_path: Path) -> None:
    mine = rows()
    values = {name: c.candidate for name, c in overall(score(tmp_path, mine)).items()}
    expected = {
        "exact_match": mine["em"].mean(),
        "cost_usd": mine["cost"].sum(),
        "wer": mine["errors"].sum() / mine["words"].sum(),
        "latency_p95": np.quantile(mine["latency"], 0.95),
        "size": np.sqrt((mine["error"] ** 2).mean()),
        "refusals": mine["refused"].mean(),
    }
    assert values == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("count", [300, 4000])
def test_intervals__are_those_of_scipy(tmp_path: Path, count: int) -> None:
    """Of the paired difference; scipy draws otherwise, so that the ends agree within a part of the
    width."""
    mine, theirs = rows(count, seed=1, lift=0.05), rows(count, seed=2)
    result = overall(score(tmp_path, mine, theirs))

    def wer(a: Any, b: Any, words: Any, axis: int = -1) -> Any:
        return a.sum(axis) / words.sum(axis) - b.sum(axis) / words.sum(axis)

    def p95(a: Any, b: Any, axis: int = -1) -> Any:
        return np.quantile(a, 0.95, axis=axis) - np.quantile(b, 0.95, axis=axis)

    def mean(a: Any, b: Any, axis: int = -1) -> Any:
        return a.mean(axis) - b.mean(axis)

    cases = {
        "exact_match": ((mine["em"], theirs["em"]), mean),
        "wer": ((mine["errors"], theirs["errors"], mine["words"]), wer),
        "latency_p95": ((mine["latency"], theirs["latency"]), p95),
    }
    for name, (data, statistic) in cases.items():
        reference = scipy.stats.bootstrap(
            data, statistic, paired=True, method="percentile", n_resamples=2000, batch=200, rng=0
        ).confidence_interval
        interval = result[name].interval
        assert interval is not None
        width = reference.high - reference.low
        assert abs(interval.low - reference.low) < 0.2 * width, name
        assert abs(interval.high - reference.high) < 0.2 * width, name


@pytest.mark.parametrize("group", ["", "conversation"])
def test_swapping__mirrors_every_interval_to_the_last_bit(tmp_path: Path, group: str) -> None:
    mine, theirs = rows(seed=1), rows(seed=2)
    there = overall(score(tmp_path, mine, theirs, group=group))
    back = overall(score(tmp_path, theirs, mine, group=group))
    for name, comparison in there.items():
        one, other = comparison.interval, back[name].interval
        assert one is not None
        assert other is not None
        assert (one.low, one.high) == (-other.high, -other.low), name


def test_group__of_alike_rows_widens_the_interval(tmp_path: Path) -> None:
    mine, theirs = rows(seed=1), rows(seed=2)
    alike = np.repeat(np.random.default_rng(5).random(80) < 0.6, 5).astype(float)
    mine["em"] = alike
    alone, grouped = (
        overall(score(tmp_path, mine, theirs, group=g))["exact_match"].interval
        for g in ("", "conversation")
    )
    assert alone is not None
    assert grouped is not None
    assert grouped.high - grouped.low > 1.4 * (alone.high - alone.low)


def test_group__with_few_values_has_no_interval_and_says_why(tmp_path: Path) -> None:
    mine, theirs = rows(seed=1), rows(seed=2)
    compared = overall(score(tmp_path, mine, theirs, group="topic"))["exact_match"]
    assert compared.interval is None
    assert compared.problem == "the rows have 2 groups, and an interval needs at least 20"
    same = overall(score(tmp_path, mine, mine, group="topic"))["exact_match"]
    assert same.difference == 0


def test_slices__have_the_metrics_too(tmp_path: Path) -> None:
    mine = rows()
    sliced = [c for c in score(tmp_path, mine, rows(seed=2)).comparisons[0.95] if c.slice]
    assert {(c.metric, c.value) for c in sliced} == {
        ("exact_match", "maths"),
        ("exact_match", "law"),
    }
    law = next(c for c in sliced if c.value == "law")
    assert law.candidate == pytest.approx(mine["em"][1::2].mean())


def test_ratio__without_a_denominator_is_undefined(tmp_path: Path) -> None:
    empty = rows() | {"words": np.zeros(400)}
    assert overall(score(tmp_path, empty))["wer"].candidate is None


def test_champion__older_than_a_metric_is_compared_by_the_others(tmp_path: Path) -> None:
    older = {name: values for name, values in rows(seed=2).items() if name != "words"}
    compared = overall(score(tmp_path, rows(), older))
    wer = compared.pop("wer")
    assert (wer.champion, wer.interval) == (None, None)
    assert wer.problem == "of the champion: its rows lack a column of this metric"
    assert all(c.interval is not None for c in compared.values())
    both = overall(score(tmp_path, rows(), rows(seed=2)))
    assert compared["exact_match"] == both["exact_match"]


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "NaN": (
        {"em": np.where(np.arange(400) == 7, np.nan, 1.0)},
        "column 'em', row 8 (id '7'): is NaN",
    ),
    "text": (
        {"latency": ["fast"] * 400},
        "column 'latency', row 1 (id '0'): 'fast' is not a number",
    ),
    "a number as a truth": ({"refused": np.full(400, 0.5)}, "0.5 is neither true nor false"),
}


@pytest.mark.parametrize("case", BAD)
def test_read__refuses_a_column_with_its_row(tmp_path: Path, case: str) -> None:
    changes, message = BAD[case]
    with pytest.raises(errors.CannotScore) as caught:
        score(tmp_path, rows() | changes)
    assert message in str(caught.value)


def test_read__names_a_missing_column_and_the_file(tmp_path: Path) -> None:
    lacking = {name: values for name, values in rows().items() if name != "cost"}
    with pytest.raises(errors.CannotScore, match="mine has no column 'cost'"):
        score(tmp_path, lacking)


def test_measure__of_one_file_has_an_interval(tmp_path: Path) -> None:
    measured = FileScoring().measure(
        files.write(tmp_path / "rows.parquet", rows()),
        name="rows",
        task=Task.SCORED,
        metric="exact_match",
        confidence=0.95,
        seed=1,
        columns=columns("conversation"),
        own=METRICS,
    )
    assert measured.value == pytest.approx(rows()["em"].mean())
    assert measured.interval is not None
    assert measured.interval.low < rows()["em"].mean() < measured.interval.high


def test_read__truths_of_a_csv_file(tmp_path: Path) -> None:
    path = files.write(tmp_path / "rows.csv", rows())
    read = FileScoring().read(path, name="rows", task=Task.SCORED, columns=columns())
    assert read.columns["refused"].mean() == pytest.approx(rows()["refused"].mean())
