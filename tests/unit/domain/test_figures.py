"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.basics import figures
from interlock.domain.basics.interval import Interval


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.985, 3, "0.985"),
        (-0.5, 2, "−0.50"),
        (54.1234, 2, "54.12"),
        (1797.0, 3, "1,797"),
        (-12345.0, 3, "−12,345"),
        (None, 3, "–"),
        (math.nan, 3, "nan"),
        (math.inf, 3, "inf"),
    ],
)
def test_number(value: float | None, decimals: int, text: str) -> None:
    assert figures.number(value, decimals=decimals) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.000332, "0.000332"), (-3e-9, "−3e-09"), (0.0, "0.000"), (0.985, "0.985"), (None, "–")],
)
def test_visible__a_number_that_is_not_zero_never_looks_like_zero(
    value: float | None, text: str
) -> None:
    assert figures.visible(value) == text


def test_difference__always_has_its_sign() -> None:
    assert figures.difference(0.021) == "+0.021"
    assert figures.difference(-2.31, decimals=2) == "−2.31"
    assert figures.interval(Interval(-0.01, 0.02, 0.95)) == "[−0.010, +0.020]"
    assert figures.interval(Interval(-0.01, 0.0002, 0.95)) == "[−0.010, +0.000]"
    assert figures.difference(1.2e-9) == "+1.2e-09"
    assert figures.difference(-1.2e-9, decimals=6) == "−1.2e-09"
    assert figures.difference(0.0) == "+0.000"


@pytest.mark.parametrize(
    ("values", "width", "apart", "decimals"),
    [
        ([0.021], 0.019, (0.0,), 3),
        ([0.021], 0.0019, (0.0,), 4),
        ([0.02], 0.19, (0.0,), 2),
        ([-2.31], 4.4, (0.0,), 1),
        ([-2.31], 44.0, (0.0,), 0),
        ([-2.31], 4400.0, (0.0,), 0),
        ([-2.31], 1e-12, (0.0,), 6),
        ([0.004], 0.19, (0.0,), 3),
        ([0.0004], 0.19, (0.0,), 4),
        ([1e-9], 0.19, (0.0,), 2),
        ([-0.0051], 0.19, (-0.005,), 4),
        ([-0.005], 0.19, (-0.005,), 2),
        ([0.021], 0.0, (0.0,), 3),
        ([0.0214], math.inf, (0.0,), 3),
        ([0.985], None, (), 3),
        ([54.12, None], None, (), 2),
        ([54.1, 3.0], None, (), 1),
        ([41.0, 38.0], None, (), 0),
        ([0.99996], None, (), 0),
        ([154.1, math.nan], None, (), 1),
        ([-15410.0], None, (), 0),
        ([None], None, (0.0,), 3),
    ],
)
def test_decimals_of__follow_the_width_and_hide_no_difference(
    values: list[float | None], width: float | None, apart: tuple[float, ...], decimals: int
) -> None:
    assert figures.decimals_of(values, width=width, apart=apart) == decimals


@given(
    st.floats(-1e6, 1e6), st.floats(0, 1e6) | st.none(), st.floats(-1.0, 1.0, allow_subnormal=False)
)
def test_difference__that_is_there_never_reads_as_none(
    value: float, width: float | None, edge: float
) -> None:
    decimals = figures.decimals_of([value], width=width, apart=(0.0, edge))
    shown = figures.difference(value, decimals=decimals)
    assert 0 <= decimals <= 6
    assert (float(shown.replace("−", "-").replace(",", "")) == 0) == (value == 0)


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (None, "–"),
        (0, "0 bytes"),
        (999, "999 bytes"),
        (16_100, "16.1 kB"),
        (1_240_000, "1.2 MB"),
        (3_000_000_000, "3.0 GB"),
    ],
)
def test_size(size_bytes: int | None, text: str) -> None:
    assert figures.size(size_bytes) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (2.44, "2.4 s"), (61, "1 min 1 s"), (3725, "1 h 2 min")],
)
def test_duration(seconds: float | None, text: str) -> None:
    assert figures.duration(seconds) == text


def test_listing__names_some_and_counts_the_rest() -> None:
    assert figures.listing([]) == ""
    assert figures.listing(["a"]) == "a"
    assert figures.listing(["a", "b", "c"]) == "a, b and c"
    assert figures.listing(["a"] * 10, most=2) == "a, a and 8 more"


def test_short_and_count() -> None:
    assert figures.short("a" * 40) == "a" * 12
    assert figures.short(None) == "–"
    assert figures.count(1, "input") == "1 input"
    assert figures.count(2000, "more", "more") == "2,000 more"
