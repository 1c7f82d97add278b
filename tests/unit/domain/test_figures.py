"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest

from interlock.domain import figures
from interlock.domain.verdict import Interval


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


def test_difference__always_has_its_sign() -> None:
    assert figures.difference(0.021) == "+0.021"
    assert figures.difference(-2.31, decimals=2) == "−2.31"
    assert figures.interval(Interval(-0.01, 0.02, 0.95)) == "[−0.010, +0.020]"
    assert [figures.arrow(v) for v in (1, 0, -1)] == ["▲", "=", "▼"]


@pytest.mark.parametrize(
    ("shown", "difference", "decimals"),
    [
        (0.985, 0.021, 3),
        (0.985, 0.0004, 5),
        (0.985, 1e-12, 6),
        (54.1, -1.8, 2),
        (154.1, None, 1),
        (15410.0, None, 0),
        (None, None, 3),
        (math.nan, math.nan, 3),
        (0.985, 0.0, 3),
    ],
)
def test_decimals_for__shows_a_difference_that_is_there(
    shown: float | None, difference: float | None, decimals: int
) -> None:
    assert figures.decimals_for(shown, difference=difference) == decimals


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
