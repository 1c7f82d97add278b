"""Two files beside each other: what must not matter does not, and what must be told is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlock.adapters.scoring import bootstrap, resampling
from interlock.domain.evaluation import gates
from interlock.domain.evaluation.scores import Scores
from interlock.domain.evaluation.verdict import Outcome
from interlock.domain.model import metrics
from interlock.domain.model.manifest import GateRule, Task
from interlock.domain.model.policy import OnInconclusive
from tests.integration import predictions_files as files

TASKS = pytest.mark.parametrize("task", files.TASKS)
# Exact, linear, and linear over groups: the three ways to draw rows.
ROWS = pytest.mark.parametrize("rows", [60, 800, 25_000])
relaxed = settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def columns_of(task: Task, *, rows: int, seed: int) -> dict[str, Any]:
    if task is Task.REGRESSION:
        return files.values(rows, error=1 + seed / 10, seed=seed)
    size = 2 if task is Task.BINARY else 3
    return files.classes(rows, labels=size, right=0.8 - seed / 50, seed=seed, scores=True)


def intervals(scores: Scores) -> dict[tuple[str, str, str], tuple[float, float] | None]:
    return {
        (c.metric, c.slice, c.value): (c.interval.low, c.interval.high) if c.interval else None
        for c in scores.comparisons[0.95]
    }


@TASKS
@pytest.mark.parametrize("rows", [3, 60, 800])
def test_identical_predictions__never_fail_whatever_the_gate_and_however_few(
    tmp_path: Path, task: Task, rows: int
) -> None:
    columns = columns_of(task, rows=rows, seed=1)
    scored = files.score(tmp_path, columns, columns, task=task)
    rules = [
        GateRule(name, **{f"max_{way}": 0.0}, against="champion")  # type: ignore[arg-type]
        for name in metrics.named(task)
        for way in ("drop", "rise")
        if name != metrics.MODEL_SIZE
    ]
    # Undefined for both is still no number, and no number fails: with three rows, some are.
    known = {c.metric for c in scored.comparisons[0.95] if c.candidate is not None}
    findings = gates.evaluate(
        [rule for rule in rules if rule.metric in known],
        comparisons=scored.comparisons,
        skip="",
        on_inconclusive=OnInconclusive.ASK,
    )
    assert {finding.outcome for finding in findings} == {Outcome.PASS}
    assert {tuple(ends) for ends in intervals(scored).values() if ends} == {(0.0, 0.0)}
    assert len(known) >= 6


@TASKS
@ROWS
def test_swapping__candidate_and_champion_mirrors_every_interval_to_the_last_bit(
    tmp_path: Path, task: Task, rows: int
) -> None:
    one, other = columns_of(task, rows=rows, seed=1), columns_of(task, rows=rows, seed=2)
    there = files.score(tmp_path, one, other, task=task, resamples=400)
    back = files.score(tmp_path, other, one, task=task, resamples=400)
    mirrored = {
        place: None if ends is None else (-ends[1], -ends[0])
        for place, ends in intervals(back).items()
    }
    assert intervals(there) == mirrored
    differences = [(c.metric, c.difference) for c in there.comparisons[0.95]]
    assert differences == [(c.metric, -(c.difference or 0)) for c in back.comparisons[0.95]]


@TASKS
@relaxed
@given(seed=st.integers(0, 1000))
def test_order_of_rows__does_not_matter(tmp_path: Path, task: Task, seed: int) -> None:
    one, other = columns_of(task, rows=120, seed=1), columns_of(task, rows=120, seed=2)
    plain = files.score(tmp_path, one, other, task=task)
    mixed = files.score(tmp_path, shuffled(one, seed), shuffled(other, seed + 1), task=task)
    assert mixed == plain


def shuffled(columns: dict[str, Any], seed: int) -> dict[str, Any]:
    frame = pl.DataFrame(columns).sample(fraction=1.0, shuffle=True, seed=seed)
    return frame.to_dict()


def test_names_of_classes__do_not_matter_beyond_their_order(tmp_path: Path) -> None:
    one, other = files.classes(seed=1), files.classes(seed=2, right=0.7)
    names = np.array(["ant", "bee", "cat"])
    renamed = [
        c | {"target": names[c["target"]], "prediction": names[c["prediction"]]}
        for c in (one, other)
    ]
    assert intervals(files.score(tmp_path, *renamed)) == intervals(
        files.score(tmp_path, one, other)
    )


def test_types_of_ids__and_file_formats_may_differ_between_the_files(tmp_path: Path) -> None:
    one, other = files.classes(seed=1), files.classes(seed=2)
    plain = files.score(tmp_path, one, other)
    as_text = other | {"id": [str(i) for i in other["id"]], "target": other["target"] * 1.0}
    assert files.score(tmp_path, one, as_text) == plain
    assert files.score(tmp_path, one, other, suffix=".csv") == plain


def test_seed__decides_the_intervals_and_nothing_else_does(tmp_path: Path) -> None:
    one, other = files.classes(seed=1), files.classes(seed=2, right=0.7)
    first, again, another = (
        files.score(tmp_path, one, other, seed=seed, resamples=400) for seed in (3, 3, 4)
    )
    assert first == again
    assert intervals(first) != intervals(another)


def test_confidence__widens_the_interval(tmp_path: Path) -> None:
    one, other = files.classes(seed=1), files.classes(seed=2, right=0.7)
    widths = []
    for confidence in (0.8, 0.95, 0.99):
        scored = files.score(tmp_path, one, other, confidence=confidence, resamples=2000)
        interval = scored.comparisons[confidence][0].interval
        assert interval is not None
        widths.append(interval.high - interval.low)
    assert widths == sorted(set(widths))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": np.arange(300, 600)}, "(300 only here, 300 only there)"),
        ({"target": (np.random.default_rng(300).integers(0, 3, 300) + 1) % 3}, "(300 with another"),
    ],
)
def test_other_rows__are_never_compared_and_counted(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    scored = files.score(tmp_path, files.classes() | change, files.classes(seed=1))
    assert scored.champion_problem.startswith("it was evaluated on other rows than the champion")
    assert words in scored.champion_problem
    assert scored.champion_charts is None
    assert {c.champion for c in scored.comparisons[0.95]} == {None}
    (finding,) = gates.evaluate(
        [GateRule("accuracy", max_drop=1.0, against="champion")],
        comparisons=scored.comparisons,
        skip="",
        on_inconclusive=OnInconclusive.PASS,
    )
    assert finding.outcome is Outcome.FAIL
    assert scored.champion_problem in finding.sentence


def test_other_rows__of_a_regression_differ_by_the_last_bit_of_a_target(
    tmp_path: Path,
) -> None:
    one = files.values()
    other = files.values(seed=1)
    other["target"] = np.where(
        np.arange(300) == 7, np.nextafter(other["target"], 0), other["target"]
    )
    scored = files.score(tmp_path, one, other, task=Task.REGRESSION)
    assert "(1 with another target)" in scored.champion_problem


def test_a_class__that_only_one_file_knows_is_no_obstacle(tmp_path: Path) -> None:
    one = files.classes(scores=True)
    other = files.classes(seed=1, scores=True)
    other["score_9"] = np.zeros(300)
    scored = files.score(tmp_path, one, other)
    assert scored.champion_problem == ""
    accuracy = scored.comparisons[0.95][0]
    assert accuracy.interval is not None
    area = next(c for c in scored.comparisons[0.95] if c.metric == "roc_auc_ovr")
    # The champion knows a class of which there is no row: its area there is undefined.
    assert (area.champion, area.difference) == (None, None)
    assert "undefined" in area.problem


def test_a_maximum__has_no_interval_and_says_why(tmp_path: Path) -> None:
    one, other = files.values(seed=1), files.values(seed=2, error=2.0)
    scored = files.score(tmp_path, one, other, task=Task.REGRESSION)
    (worst,) = [c for c in scored.comparisons[0.95] if c.metric == "max_error"]
    assert (worst.interval, worst.problem) == (None, "the bootstrap says nothing about a maximum")
    assert worst.difference is not None


def test_a_class__too_rare_to_be_drawn_leaves_its_metric_without_an_interval(
    tmp_path: Path,
) -> None:
    one = files.classes(rows=40, labels=2, seed=1, scores=True)
    one["target"] = (np.arange(40) == 3).astype(int)
    other = one | {"score_1": one["score_0"], "score_0": one["score_1"]}
    scored = files.score(tmp_path, one, other, task=Task.BINARY)
    (area,) = [c for c in scored.comparisons[0.95] if c.metric == "roc_auc"]
    assert area.difference is not None
    assert (area.interval, area.problem) == (None, "it is undefined in too many resamples")


def test_cells__drawn_are_the_rows_drawn_in_law(tmp_path: Path) -> None:
    """Large, small or both, counts of cells have the multinomial's mean and covariance."""
    codes = np.repeat([5, 2, 9], [50, 30, 20])
    cheap = resampling.Cells.of(codes, size=10)
    assert list(cheap.codes) == [5, 2, 9]
    assert list(cheap.counts) == [50, 30, 20]
    sparse = resampling.Cells.of(codes * 1000, size=10_000)
    assert list(sparse.codes) == [5000, 2000, 9000]
    small = np.concatenate([np.arange(100), np.arange(20)])
    mixed = np.concatenate([np.zeros(100, dtype=int), np.arange(1, 40), [1, 1, 2]])
    for cells in (cheap, resampling.Cells.of(small, size=100), resampling.Cells.of(mixed, size=40)):
        drawn = np.concatenate(list(resampling.of_cells(cells, resamples=4000, seed=1)))
        rows = cells.counts.sum()
        assert set(drawn.sum(axis=1)) == {float(rows)}
        share = cells.counts / rows
        assert drawn.mean(axis=0) == pytest.approx(cells.counts, rel=0.1)
        assert drawn.var(axis=0) == pytest.approx(rows * share * (1 - share), rel=0.2)
        covariance = np.cov(drawn[:, 0], drawn[:, 1])[0, 1]
        assert covariance == pytest.approx(-rows * share[0] * share[1], abs=0.1 * rows)


def test_groups__hold_every_row_once_and_are_even() -> None:
    group = resampling.groups(103, most=10, seed=1).of_row
    sizes = np.bincount(group)
    assert len(sizes) == 10
    assert set(sizes) == {10, 11}
    assert len(np.unique(resampling.groups(7, most=10, seed=1).of_row)) == 7


def test_interval__takes_the_order_statistics_that_its_confidence_asks_for() -> None:
    values = np.random.default_rng(1).permutation(np.arange(1, 2001)).astype(float)
    ends = bootstrap.interval(values, confidence=0.95)
    assert ends == bootstrap.Ends(50.0, 1951.0)
    assert bootstrap.interval(values, confidence=0.9999) is None
    some_undefined = np.where(values <= 100, np.nan, values)
    assert bootstrap.interval(some_undefined, confidence=0.9) is not None
    assert bootstrap.interval(np.where(values <= 101, np.nan, values), confidence=0.9) is None
