"""p-values against scipy's, whose formulas are not ours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats  # type: ignore[import-untyped]

from interlock.domain.drift import significance

COUNTS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=20)


@pytest.mark.parametrize("degrees", [1, 2, 3, 10, 100, 1_000])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.9, 1, 1.1, 2, 10])
def test_chi_square_tail__is_scipys(degrees: int, share: float) -> None:
    value = significance.chi_square_tail(degrees * share, degrees=degrees)
    expected = float(special.chdtrc(degrees, degrees * share))
    assert value == pytest.approx(expected, rel=1e-9, abs=1e-300)


def test_chi_square_tail__of_nothing_is_one() -> None:
    assert significance.chi_square_tail(3.0, degrees=0) == 1
    assert significance.chi_square_tail(0.0, degrees=3) == 1


@given(COUNTS)
def test_chi_square__is_scipys_contingency(pairs: list[tuple[int, int]]) -> None:
    one, other = (
        tuple(pair[place] + (place == k) for k, pair in enumerate(pairs)) for place in (0, 1)
    )
    value, degrees = significance.chi_square(one, other)
    table = np.array([one, other])
    table = table[:, table.sum(axis=0) > 0]
    expected = stats.chi2_contingency(table, correction=False)
    assert value == pytest.approx(expected.statistic)
    assert degrees == expected.dof


def test_chi_square__leaves_out_what_neither_has() -> None:
    assert significance.chi_square((10, 0, 20), (30, 0, 40)) == (
        significance.chi_square((10, 20), (30, 40))
    )


@pytest.mark.parametrize("distance", [0.0, 0.05, 0.1, 0.2, 0.5, 1.0])
@pytest.mark.parametrize("rows", [(100, 100), (5_000, 1_000), (200, 40_000)])
def test_kolmogorov_smirnov__is_the_limit_and_nearly_the_exact(
    distance: float, rows: tuple[int, int]
) -> None:
    value = significance.kolmogorov_smirnov(distance, reference=rows[0], live=rows[1])
    root = np.sqrt(rows[0] * rows[1] / sum(rows))
    limit = float(special.kolmogorov((root + 0.12 + 0.11 / root) * distance))
    assert value == pytest.approx(limit, rel=1e-6, abs=1e-5 if value == 1 else 1e-300)


def test_kolmogorov_smirnov__is_uniform_where_nothing_changed() -> None:
    chance = np.random.default_rng(0)
    p_values = []
    for _ in range(400):
        one, other = np.sort(chance.random(400)), np.sort(chance.random(200))
        both = np.concatenate([one, other])
        apart = (
            np.searchsorted(one, both, "right") / 400 - np.searchsorted(other, both, "right") / 200
        )
        distance = float(np.abs(apart).max())
        p_values.append(significance.kolmogorov_smirnov(distance, reference=400, live=200))
    for level in (0.05, 0.2, 0.5):
        assert np.mean(np.array(p_values) <= level) == pytest.approx(level, abs=0.06)


def test_two_shares__is_the_score_test() -> None:
    value = significance.two_proportions(30, of=200, other=40, of_other=500)
    expected = stats.chi2_contingency([[30, 170], [40, 460]], correction=False)
    assert value == pytest.approx(expected.pvalue)
    assert significance.two_proportions(0, of=10, other=0, of_other=20) == 1
    assert significance.two_proportions(10, of=10, other=20, of_other=20) == 1


@given(st.lists(st.floats(0, 1), max_size=30))
def test_benjamini_hochberg__is_scipys(p_values: list[float]) -> None:
    values = significance.benjamini_hochberg(p_values)
    expected = stats.false_discovery_control(p_values) if p_values else []
    assert values == pytest.approx(expected)


@given(st.lists(st.floats(1e-12, 0.999), min_size=1, max_size=5))
def test_together__of_independent_windows_is_scipys_stouffer(p_values: list[float]) -> None:
    expected = stats.combine_pvalues(p_values, method="stouffer").pvalue
    value = significance.combined(p_values, correlation=0.0)
    assert value == pytest.approx(expected, rel=1e-6, abs=1e-300)


def test_together__of_windows_that_say_the_same_is_that_of_one() -> None:
    assert significance.combined([1e-3] * 4, correlation=1.0) == pytest.approx(1e-3)
    assert significance.combined([0.0, 1.0], correlation=0.0) == pytest.approx(0.0, abs=1e-60)
