"""Distances on counts: by hand, against scipy on rows, and what always holds."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped]
from scipy.spatial import distance  # type: ignore[import-untyped]

from interlock.domain.drift import distances

PAIRS = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=30).filter(
    lambda pairs: all(any(pair[side] for pair in pairs) for side in (0, 1))
)
EVERY = (
    distances.kolmogorov_smirnov,
    distances.total_variation,
    distances.stability_index,
    distances.jensen_shannon,
)


@pytest.mark.parametrize("measure", EVERY)
@given(pairs=PAIRS)
def test_distance__is_none_to_itself_and_the_same_both_ways(measure, pairs) -> None:  # type: ignore[no-untyped-def]
    one, other = zip(*pairs, strict=True)
    assert measure(one, one) == pytest.approx(0, abs=1e-6)
    assert measure(one, [count * 3 for count in one]) == pytest.approx(0, abs=0.5)
    assert measure(one, other) == pytest.approx(measure(other, one))
    assert 0 <= measure(one, other) < 20


def test_distances__by_hand() -> None:
    one, other = (50, 30, 20), (20, 30, 50)
    assert distances.kolmogorov_smirnov(one, other) == pytest.approx(0.3)
    assert distances.total_variation(one, other) == pytest.approx(0.3)
    expected = 2 * 0.3 * math.log(50.5 / 20.5) * 100 / 101.5
    assert distances.stability_index(one, other) == pytest.approx(expected)
    assert distances.total_variation((1, 0), (0, 5)) == 1
    assert distances.jensen_shannon((1, 0), (0, 5)) == 1


@given(PAIRS)
def test_jensen_shannon__is_scipys(pairs: list[tuple[int, int]]) -> None:
    one, other = zip(*pairs, strict=True)
    expected = distance.jensenshannon(one, other, base=2)
    assert distances.jensen_shannon(one, other) == pytest.approx(expected, abs=1e-6)


def test_groups__are_the_reference_s_deciles() -> None:
    assert distances.groups([5] * 40) == tuple(place // 4 for place in range(40))
    assert distances.groups([0, 9, 0]) == (0, 5, 9)
    assert distances.grouped([1, 2, 3, 4], (0, 0, 7, 7)) == (3, 7)


@given(st.lists(st.integers(0, 99), min_size=1).filter(any))
def test_groups__rise_and_keep_every_row(counts: list[int]) -> None:
    groups = distances.groups(counts)
    assert all(one <= other for one, other in itertools.pairwise(groups))
    assert sum(distances.grouped(counts, groups)) == sum(counts)


@pytest.mark.parametrize("far", [0.0, 1e6])
@pytest.mark.parametrize(("shift", "scale"), [(0, 1), (0.5, 1), (-3, 1), (0, 2), (1, 0.5), (40, 1)])
def test_wasserstein__is_scipys_of_the_rows(shift: float, scale: float, far: float) -> None:
    chance = np.random.default_rng(3)
    one = far + chance.normal(size=4_000)
    other = far + shift + scale * chance.normal(size=2_000)
    edges = np.quantile(one, np.linspace(0, 1, 41))
    binned = []
    for values in (one, other):
        places = np.searchsorted(edges, values, "right")
        counts = np.bincount(places, minlength=len(edges) + 1)
        sums = np.bincount(places, weights=values, minlength=len(edges) + 1)
        binned.append((counts.tolist(), sums.tolist()))
    value = distances.wasserstein(*binned, edges=edges.tolist())
    assert value == pytest.approx(stats.wasserstein_distance(one, other), rel=0.02, abs=0.002)
