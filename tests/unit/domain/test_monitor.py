"""Durations, persistence and column patterns as a manifest writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.model import monitor_rules

HOUR, DAY = 3_600, 86_400


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30m", 1800),
        ("90m", 5400),
        ("6h", 6 * HOUR),
        ("1d", DAY),
        ("2w", 14 * DAY),
        ("9999w", None),
    ],
)
def test_duration__read(text: str, seconds: int | None) -> None:
    assert monitor_rules.parse_duration(text) == (9999 * 7 * DAY if seconds is None else seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "d",
        "0d",
        "01d",
        "1 d",
        "1D",
        "1.5h",
        "-1d",
        "1y",
        "1s",
        "1M",
        "10000m",
        "1d\n",
        "١d",
    ],
)
def test_duration__that_is_none(text: str) -> None:
    assert monitor_rules.parse_duration(text) is None


@given(st.integers(1, 9999), st.sampled_from("mhdw"))
def test_duration__written_is_the_same_again(number: int, unit: str) -> None:
    seconds = monitor_rules.parse_duration(f"{number}{unit}")
    assert seconds
    written = monitor_rules.write_duration(seconds)
    assert len(written) <= len(f"{number}{unit}")
    assert monitor_rules.parse_duration(written) == seconds


def test_duration__in_the_largest_unit() -> None:
    assert monitor_rules.write_duration(14 * DAY) == "2w"
    assert monitor_rules.write_duration(36 * HOUR) == "36h"
    assert monitor_rules.write_duration(90 * 60) == "90m"


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("s3://acme/live", True),
        ("memory://x", True),
        ("git+https://acme", True),
        ("data/s3://x", False),
        ("c:/data", False),
        ("data/live", False),
    ],
)
def test_url__or_path(path: str, url: bool) -> None:
    assert monitor_rules.is_url(path) is url


@pytest.mark.parametrize(
    ("name", "patterns", "is_meant"),
    [
        ("age", ("*",), True),
        ("age", ("a?e",), True),
        ("age", ("ag",), False),
        ("x[0]", ("x[0]",), True),
        ("x0", ("x[0]",), False),
        ("a.b", ("a.b",), True),
        ("aXb", ("a.b",), False),
        ("a+", ("a+",), True),
        ("two\nlines", ("two*",), True),
        ("!x", ("[!x]", "!?"), True),
        ("age", (), False),
    ],
)
def test_patterns__mean_stars_and_question_marks_and_nothing_else(
    name: str, patterns: tuple[str, ...], is_meant: bool
) -> None:
    assert monitor_rules.matches(name, patterns) is is_meant


@given(st.text())
def test_a_name__is_a_pattern_of_itself(name: str) -> None:
    assert monitor_rules.matches(name, (name,))
