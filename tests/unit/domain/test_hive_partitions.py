"""What the folders of a path say of the time of their rows."""

from __future__ import annotations

import pytest

from interlock.domain.monitoring import hive_partitions
from interlock.domain.monitoring.windows import Window

HOUR, DAY = 3_600, 86_400
FIRST = 1_793_491_200  # 2026-11-01T00:00:00Z


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("data/live/date=2026-11-01/part-0.parquet", "2026-11-01"),
        ("live/region=eu/date=2026-11-01/hour=3/a.csv", "2026-11-01"),
        ("live/date=2026-11-01T06%3A00/a.csv", "2026-11-01T06:00"),
        ("date=a/date=b/x.csv", "b"),
        ("live/update=2026-11-01/a.csv", None),
        ("live/date=2026-11-01", None),
        ("live/a.csv", None),
    ],
)
def test_value__of_a_path(path: str, expected: str | None) -> None:
    assert hive_partitions.value(path, "date") == expected


@pytest.mark.parametrize(
    ("text", "start", "seconds"),
    [
        ("2026-11-01", FIRST, DAY),
        ("20261101", FIRST, DAY),
        ("2026-11-01T06", FIRST + 6 * HOUR, HOUR),
        ("2026-11-01 06", FIRST + 6 * HOUR, HOUR),
        ("2026-11-01-06", FIRST + 6 * HOUR, HOUR),
        ("2026110106", FIRST + 6 * HOUR, HOUR),
        ("2026-11-01T06:30:00+01:00", FIRST + 5 * HOUR + 1800, 1),
        ("2026-11-01 06:30:00", FIRST + 6 * HOUR + 1800, 1),
        ("2026-11", FIRST, 30 * DAY),
        ("202612", FIRST + 30 * DAY, 31 * DAY),
        ("2026", FIRST - 304 * DAY, 365 * DAY),
    ],
)
def test_span__of_a_value(text: str, start: int, seconds: int) -> None:
    assert hive_partitions.span(text) == Window(start, start + seconds)


@pytest.mark.parametrize(
    "text", ["", "eu", "202", "2026-13", "2026-13-01", "20261301", "2026110124", "17934912"]
)
def test_span__of_what_is_no_time(text: str) -> None:
    assert hive_partitions.span(text) is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("live/year=2026/month=11/day=1/a.csv", "2026-11-01"),
        ("live/year=2026/month=11/day=01/hour=6/a.csv", "2026-11-01T06"),
        ("live/year=2026/month=11/a.csv", "2026-11"),
        ("live/year=2026/a.csv", "2026"),
        ("live/year=2026/day=3/a.csv", "2026"),
        ("live/year=2026/month=nov/a.csv", "2026-nov"),
        ("live/year=2026/month=__HIVE_DEFAULT_PARTITION__/a.csv", hive_partitions.NO_VALUE),
        ("live/2026/11/01/a.csv", "2026-11-01"),
        ("2026/11/01/06/a.csv", "2026-11-01T06"),
        ("live/1999/01/old/2026/11/a.csv", "2026-11"),
        ("live/2026/a.csv", None),
        ("live/20261/11/01/a.csv", None),
        ("live/month=11/day=01/a.csv", None),
        ("live/2026/11", None),
    ],
)
def test_date__that_folders_spell(path: str, expected: str | None) -> None:
    assert hive_partitions.date(path) == expected


@pytest.mark.parametrize("key", ["year", "month", "day", "hour"])
def test_value__of_a_part_of_a_date_is_the_date(key: str) -> None:
    assert hive_partitions.value("live/year=2026/month=11/day=1/a.csv", key) == "2026-11-01"
    assert hive_partitions.value("live/date=2026-11-01/hour=3/a.csv", "hour") == "3"
