"""The fit finds the exponent of costs whose growth is known."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.benchmarks import exponent

SIZES = (100, 200, 400, 800)


@settings(deadline=None)
@given(
    start=st.floats(0.0, 2.0),
    factor=st.floats(0.5, 5.0),
    power=st.sampled_from([0.5, 1.0, 1.5, 2.0]),
    noise=st.lists(st.floats(-0.005, 0.005), min_size=4, max_size=4),
)
def test_exponent_of_a_known_growth(
    start: float, factor: float, power: float, noise: list[float]
) -> None:
    costs = {
        size: (start + factor * (size / 100) ** power) * (1 + error)
        for size, error in zip(SIZES, noise, strict=True)
    }
    assert exponent.fit(costs) == pytest.approx(power, abs=0.25)


@settings(deadline=None)
@given(noise=st.lists(st.floats(-0.05, 0.05), min_size=4, max_size=4))
def test_constant_cost_has_exponent_zero(noise: list[float]) -> None:
    costs = {size: 1 + error for size, error in zip(SIZES, noise, strict=True)}
    assert exponent.fit(costs) == 0


def test_fewer_than_three_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="three sizes"):
        exponent.fit({1: 1.0, 2: 2.0})
