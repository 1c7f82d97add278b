"""Timestamps: every spelling of ISO 8601 that is accepted, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.basics import timestamps

offsets = st.integers(-23 * 60, 23 * 60).map(lambda m: timezone(timedelta(minutes=m)))
times = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29))


@given(times, offsets)
def test_read__what_datetime_writes(time: datetime, zone: timezone) -> None:
    aware = time.replace(tzinfo=zone)
    expected = int(aware.replace(microsecond=0).timestamp())
    assert timestamps.read(aware.isoformat()) == expected
    assert timestamps.read(aware.isoformat(sep=" ")) == expected


@given(times)
def test_read__without_a_zone_is_utc(time: datetime) -> None:
    expected = int(time.replace(microsecond=0, tzinfo=UTC).timestamp())
    assert timestamps.read(time.isoformat()) == expected


@given(times)
def test_write__as_datetime_does(time: datetime) -> None:
    seconds = int(time.replace(microsecond=0, tzinfo=UTC).timestamp())
    assert timestamps.write(seconds) == time.replace(microsecond=0).isoformat() + "Z"
    assert timestamps.read(timestamps.write(seconds)) == seconds
    assert timestamps.name(seconds) == time.strftime("%Y%m%dT%H%M%SZ").rjust(16, "0")


@given(st.integers(0, 200_000_000_000))
def test_read_name__reverses_name(seconds: int) -> None:
    assert timestamps.read_name(timestamps.name(seconds)) == seconds


@pytest.mark.parametrize(
    "text", ["", "20261102", "20261302T000000Z", "2026-11-02T00:00:00Z", "20261102T000060Z"]
)
def test_read_name__of_other_text_is_none(text: str) -> None:
    assert timestamps.read_name(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01", 0),
        ("1970-01-01T00:00", 0),
        ("1970-01-01t00:00:01z", 1),
        ("1970-01-01T00:00:01.999", 1),
        ("1970-01-01 01:00:00,5+01:00", 0),
        ("1970-01-01T00:00+0130", -5400),
        ("1969-12-31T23:00:00-01:00", 0),
        ("2024-02-29", 1_709_164_800),
        (" 1970-01-02 ", 86_400),
    ],
)
def test_read__other_ways_to_write_it(text: str, expected: int) -> None:
    assert timestamps.read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "1730419200",
        "2026-13-01",
        "2026-00-01",
        "2026-02-29",
        "2026-11-31",
        "2026-11-00",
        "2026-11-1",
        "01.11.2026",
        "11/01/2026",
        "2026-11-01T24:00",
        "2026-11-01T12",
        "2026-11-01T12:60",
        "2026-11-01T12:00+24:00",
        "2026-11-01T12:00+01:60",
        "1998-12-31T23:59:60Z",
        "2026-11-01T12:00:00 Europe/Berlin",
        "2026-11-01T12:00:00\n2026",
        "٢٠٢٦-11-01",
        "0000-12-31",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    ],
)
def test_read__other_text_is_none(text: str) -> None:
    assert timestamps.read(text) is None
