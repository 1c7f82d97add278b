"""Windows: every row belongs to exactly one, each is recorded once, whatever ticks come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.basics import timestamps
from interlock.domain.model.monitor_rules import WindowRule
from interlock.domain.monitoring import windows
from interlock.domain.monitoring.windows import (
    FileTimeRange,
    LabelStatus,
    LiveSlice,
    ScheduleStatus,
    Window,
)

HOUR, DAY = 3_600, 86_400
DAILY = WindowRule()


def at(text: str) -> int:
    result = timestamps.read(text)
    assert result is not None
    return result


def day(text: str) -> Window:
    return Window(at(text), at(text) + DAY)


def test_due__a_day_after_the_last() -> None:
    since = at("2026-11-02")
    assert windows.due(DAILY, since=since, now=at("2026-11-02T23:59:59")) == ()
    assert windows.due(DAILY, since=since, now=at("2026-11-03")) == (day("2026-11-02"),)


def test_due__not_before_rows_may_no_longer_be_late() -> None:
    rule, since = WindowRule(late_seconds=6 * HOUR), at("2026-11-02")
    assert windows.due(rule, since=since, now=at("2026-11-03T05:59:59")) == ()
    assert windows.due(rule, since=since, now=at("2026-11-03T06:00")) == (day("2026-11-02"),)


def test_due__without_a_record_only_the_latest_that_is_over() -> None:
    assert windows.due(DAILY, since=None, now=at("2026-11-03T12:00")) == (day("2026-11-02"),)


def test_due__after_a_month_without_a_tick() -> None:
    due_windows = windows.due(DAILY, since=at("2026-02-01"), now=at("2026-03-03T01:00"))
    assert len(due_windows) == 30
    assert due_windows[0] == day("2026-02-01")
    assert due_windows[-1] == day("2026-03-02")
    assert (
        windows.due(DAILY, since=at("2026-02-01"), now=at("2026-03-03"), most=7) == due_windows[:7]
    )


def test_due__weeks_begin_on_monday() -> None:
    rule = WindowRule(every_seconds=7 * DAY)
    (window,) = windows.due(rule, since=None, now=at("2026-11-21"))
    assert str(window) == "2026-11-09T00:00:00Z to 2026-11-16T00:00:00Z"
    assert window.name == "20261116T000000Z"


def test_due__clock_was_set_back() -> None:
    assert windows.due(DAILY, since=at("2026-11-02"), now=at("2026-10-01")) == ()
    assert windows.due(DAILY, since=at("2026-11-02"), now=0) == ()


def test_clock_problem__if_the_clock_was_set_back() -> None:
    assert windows.clock_problem(since=at("2026-11-02"), now=at("2026-11-02")) is None
    problem = windows.clock_problem(since=at("2026-11-02"), now=at("2026-10-01T06:00"))
    assert str(problem) == (
        "the clock of this machine shows 2026-10-01T06:00:00Z, but a window until "
        "2026-11-02T00:00:00Z is recorded already: one of the two clocks is wrong"
    )


def test_due__another_length_than_before_leaves_nothing_out() -> None:
    since, now = at("2026-11-02T06:00"), at("2026-11-04")
    expected = (Window(since, at("2026-11-03")), day("2026-11-03"))
    assert windows.due(DAILY, since=since, now=now) == expected


def test_window__has_its_start_and_not_its_end() -> None:
    window = day("2026-11-02")
    assert window.has(window.start)
    assert window.has(window.end - 1)
    assert not window.has(window.end)
    assert not window.has(window.start - 1)


@dataclass
class Ledger:
    """What runs of a schedule leave: one record a window, and a place that is taken stays taken."""

    records: dict[str, Window] = field(default_factory=dict)

    @property
    def since(self) -> int | None:
        return max((window.end for window in self.records.values()), default=None)

    def write(self, window: Window) -> None:
        assert self.records.setdefault(window.name, window) == window, "two windows in one place"

    @property
    def in_order(self) -> list[Window]:
        return sorted(self.records.values())


ticks = st.tuples(
    st.integers(at("2026-01-01"), at("2026-02-15")),  # now: in any order, so also set back
    st.sampled_from([HOUR, 6 * HOUR, 5 * HOUR, DAY, 3 * DAY, 7 * DAY]),
    st.sampled_from([0, 90 * 60, DAY]),
    st.one_of(st.none(), st.integers(0, 5)),  # killed after so many windows
    st.booleans(),  # a second run at once, that looked before the first wrote
)


@given(st.lists(ticks, max_size=12))
def test_windows__whatever_ticks_come_cut_time_into_pieces_that_meet(
    ran: list[tuple[int, int, int, int | None, bool]],
) -> None:
    ledger = Ledger()
    for now, every, late, most, twice in ran:
        rule = WindowRule(every_seconds=every, late_seconds=late)
        due_windows = windows.due(rule, since=ledger.since, now=now, most=most)
        for window in due_windows * (1 + twice):
            assert window.start < window.end <= now - late
            ledger.write(window)
    record = ledger.in_order
    assert [one.end for one in record[:-1]] == [other.start for other in record[1:]]


@given(
    st.integers(at("2026-01-01"), at("2026-12-31")),
    st.sampled_from([HOUR, 5 * HOUR, DAY, 7 * DAY]),
    st.lists(st.integers(0, 40 * DAY), max_size=10),
)
def test_windows__after_any_ticks_are_those_of_a_schedule_that_kept_time(
    start: int, every: int, late_by: list[int]
) -> None:
    rule, end = WindowRule(every_seconds=every), start + 40 * DAY
    ledger = Ledger()
    for now in [start, *sorted(start + each for each in late_by), end]:
        for window in windows.due(rule, since=ledger.since, now=now):
            ledger.write(window)
    (first,) = windows.due(rule, since=None, now=start)
    assert ledger.in_order == [first, *windows.due(rule, since=first.end, now=end)]


@given(
    st.integers(1, 400 * DAY),
    st.integers(0, 3 * DAY),
    st.integers(at("2020-01-01"), at("2030-01-01")),
)
def test_windows__hold_every_row_once(every: int, late: int, row: int) -> None:
    rule = WindowRule(every_seconds=every, late_seconds=late)
    due_windows = windows.due(rule, since=row - 2 * every, now=row + 2 * every + late)
    assert sum(window.has(row) for window in due_windows) == 1


def local_ticks(zone: str, first: datetime) -> Iterator[datetime]:
    """A quarter past two on a wall clock, every day: twice, or not at all, when clocks change."""
    for days in range(20):
        yield (first + timedelta(days=days)).replace(tzinfo=ZoneInfo(zone), fold=days % 2)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("first", [datetime(2026, 3, 1, 2, 15), datetime(2026, 10, 20, 2, 15)])
def test_windows__daylight_saving_changes_none(zone: str, first: datetime) -> None:
    ledger = Ledger()
    for tick in local_ticks(zone, first):
        for window in windows.due(DAILY, since=ledger.since, now=int(tick.timestamp())):
            ledger.write(window)
    assert {window.end - window.start for window in ledger.in_order} == {DAY}
    for tick in list(local_ticks(zone, first))[:-2]:
        held = [w for w in ledger.in_order if w.has(at(tick.isoformat()))]
        assert len(held) == 1
        assert held[0].start == int(tick.timestamp()) // DAY * DAY


WINDOW = day("2026-11-02")


@pytest.mark.parametrize(
    ("labelled", "now", "expected"),
    [
        (900, "2026-11-04", LabelStatus.WAITING),
        (0, "2026-11-04", LabelStatus.WAITING),
        (1000, "2026-11-04", LabelStatus.COMPLETE),
        (1001, "2026-11-04", LabelStatus.COMPLETE),
        (900, "2026-11-09T23:59:59", LabelStatus.WAITING),
        (900, "2026-11-10", LabelStatus.PARTIAL),
        (500, "2026-11-10", LabelStatus.PARTIAL),
        (499, "2026-11-10", LabelStatus.MISSING),
        (1000, "2026-12-10", LabelStatus.COMPLETE),
    ],
)
def test_labels__come_late_or_never(labelled: int, now: str, expected: LabelStatus) -> None:
    wait = 7 * DAY
    status = windows.label_status(
        WINDOW, rows=1000, labelled=labelled, min_rows=500, wait_seconds=wait, now=at(now)
    )
    assert status is expected


def test_labels__of_an_empty_window_are_all_there() -> None:
    status = windows.label_status(WINDOW, rows=0, labelled=0, min_rows=500, wait_seconds=DAY, now=0)
    assert status is LabelStatus.COMPLETE


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-03T06:00", ScheduleStatus(0, None)),
        ("2026-11-05T05:59:59", ScheduleStatus(0, None)),
        ("2026-11-05T06:00", ScheduleStatus(1, at("2026-11-03T06:00"))),
        ("2026-11-09T06:00", ScheduleStatus(5, at("2026-11-03T06:00"))),
        ("2026-10-01", ScheduleStatus(0, None)),
    ],
)
def test_pulse__of_a_schedule_that_stopped(now: str, expected: ScheduleStatus) -> None:
    rule = WindowRule(late_seconds=6 * HOUR)
    schedule = windows.schedule_status(rule, since=at("2026-11-02"), now=at(now))
    assert schedule == expected
    assert schedule.has_stopped == (expected.overdue > 0)


def test_pulse__of_short_windows_is_patient_with_a_late_schedule() -> None:
    rule, since = WindowRule(every_seconds=300), at("2026-11-02")
    assert not windows.schedule_status(rule, since=since, now=since + 6 * HOUR).has_stopped
    assert windows.schedule_status(rule, since=since, now=since + 6 * HOUR + 600).overdue == 1


def test_pulse__of_a_clock_that_is_ages_ahead_is_counted_at_once() -> None:
    rule = WindowRule(every_seconds=60)
    schedule = windows.schedule_status(rule, since=at("2026-11-02"), now=at("9999-12-31"))
    assert schedule.overdue > 4_000_000_000


def test_file__may_hold_rows_of_the_windows_that_its_times_reach() -> None:
    result = FileTimeRange("a.parquet", "t", "0" * 12, first=10, last=20)
    spans = [(0, 10), (0, 11), (12, 13), (20, 30), (21, 30)]
    assert [result.may_hold(Window(*span)) for span in spans] == [False, True, True, True, False]
    assert not FileTimeRange("a.parquet", "t", "").may_hold(Window(0, 10))
    assert not FileTimeRange("a.parquet", "t", "", first=3).may_hold(Window(0, 10))
    assert result.key == ("a.parquet", "t", "0" * 12)
    assert str(FileTimeRange("a.parquet", "t", "", fault="is no file")) == "a.parquet is no file"


def test_slice__calls_a_copy_what_people_call_the_file() -> None:
    result = LiveSlice(Window(0, 1), ("copies/1", "b"), names={"copies/1": "live/a.parquet"})
    assert [result.name(file) for file in result.files] == ["live/a.parquet", "b"]
