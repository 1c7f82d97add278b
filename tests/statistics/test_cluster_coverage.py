"""How often a 95 % interval over groups of rows holds the true difference.

Rows of a group are alike: repeats of a case, turns of a conversation. Figures are printed (`pytest
-rP`). Intervals that ignore the groups must be seen to fail.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from interlock.adapters.scoring import bootstrap, view_metrics
from interlock.adapters.scoring.view import RowsView
from interlock.domain.model.manifest import Aggregate, Better, RowMetric, Task

RESAMPLES, SIMULATIONS = 500, 1000
METRICS = (
    RowMetric("score", Aggregate.MEAN, ("score",), Better.GREATER),
    RowMetric("wer", Aggregate.RATIO, ("errors", "words"), Better.SMALLER),
)
TRUTH = {"score": 0.0, "wer": 0.0}


def models(chance: np.random.Generator, clusters: int) -> tuple[RowsView, RowsView]:
    """Two models of equal quality; each finds some conversations easier than the other does."""
    sizes = chance.integers(4, 13, size=clusters)
    group = np.repeat(np.arange(clusters), sizes)
    rows = len(group)
    words = chance.integers(5, 40, size=rows).astype(float)
    nothing = np.zeros(rows)
    views = []
    for _ in range(2):
        easy = chance.normal(scale=0.1, size=clusters)[group]
        score = 0.7 + easy + chance.normal(scale=0.1, size=rows)
        errors = words * (0.2 - easy / 2 + chance.normal(scale=0.05, size=rows))
        columns = {"score": score, "errors": errors, "words": words}
        views.append(
            RowsView(Task.SCORED, nothing, nothing, 0, None, None, (), columns, group.astype(int))
        )
    return views[0], views[1]


def coverage(clusters: int, *, is_grouped: bool) -> dict[str, float]:
    chance, held = np.random.default_rng(7), dict.fromkeys(TRUTH, 0)
    for seed in range(SIMULATIONS):
        pair = models(chance, clusters)
        if not is_grouped:
            one, other = pair
            pair = (dataclasses.replace(one, group=None), dataclasses.replace(other, group=None))
        groups = bootstrap.groups(pair[0], seed=seed)
        mine, theirs = (view_metrics.of(v, groups=groups, metrics=METRICS) for v in pair)
        drawn = bootstrap.differences(mine, theirs, resamples=RESAMPLES, seed=seed)
        for name, truth in TRUTH.items():
            ends = bootstrap.interval(drawn[name], confidence=0.95)
            assert ends is not None
            held[name] += ends.low <= truth <= ends.high
    shares = {name: count / SIMULATIONS for name, count in held.items()}
    for name, share in shares.items():
        how = "over groups" if is_grouped else "over rows, without the groups"
        print(f"{name}, {clusters} groups: {share:.1%} of {SIMULATIONS} intervals {how} hold it")
    return shares


def test_interval__over_groups_holds_the_truth_as_often_as_it_says() -> None:
    for name, share in coverage(150, is_grouped=True).items():
        assert 0.93 <= share <= 0.97, name


def test_interval__that_ignores_the_groups_is_far_too_narrow() -> None:
    for name, share in coverage(150, is_grouped=False).items():
        assert share < 0.8, name


def test_interval__of_the_fewest_groups_is_a_little_narrow() -> None:
    for name, share in coverage(bootstrap.LEAST_CLUSTERS, is_grouped=True).items():
        assert 0.89 <= share <= 0.97, name


@pytest.mark.parametrize("clusters", [300, 30_000])
def test_groups__never_divide_a_cluster(clusters: int) -> None:
    one, _ = models(np.random.default_rng(3), clusters)
    assert one.group is not None
    dealt = bootstrap.groups(one, seed=5)
    pairs = np.unique(np.stack([one.group, dealt.of_row]), axis=1)
    assert pairs.shape[1] == clusters
    assert dealt.count == min(clusters, bootstrap.MOST_GROUPS)
