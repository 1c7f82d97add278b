"""Which stretches of live data are due to be looked at, from what was recorded and never from the
tick; no clock, file or data may enter.

Moments are whole seconds since 1970 in UTC. A window holds its start and not its end. The grid that
windows are cut from begins on a Monday at midnight and is the same for every model, for ever: so a
tick that is dropped, late or doubled, and a clock that was set back, change when a window is looked
at, and never which rows it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from interlock.domain.basics import timestamps
from interlock.domain.model.monitor_rules import WindowRule

GRID_START = 4 * timestamps.DAY_SECONDS
"""1970-01-05, a Monday: weeks begin where ISO 8601 begins them."""

GRACE_SECONDS = 6 * 3600
"""How late a schedule may be before it counts as stopped: GitHub's are late by hours at times."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    start: int
    end: int

    @property
    def name(self) -> str:
        """Its end, as the ledger's paths have it: no two windows of one model share one."""
        return timestamps.name(self.end)

    def has(self, moment: int) -> bool:
        return self.start <= moment < self.end

    def __str__(self) -> str:
        return f"{timestamps.write(self.start)} to {timestamps.write(self.end)}"


@dataclass(frozen=True, slots=True)
class FileTimeRange:
    """What a file of live data says of its times, in column or partition `time`: those of its rows
    lie from `first` to `last`, None where it has none. `fault` is what keeps rows of it from being
    read. `state` is another once the file is."""

    name: str
    time: str
    state: str
    first: int | None = None
    last: int | None = None
    fault: str = ""

    def may_hold(self, window: Window) -> bool:
        if self.first is None or self.last is None:
            return False
        return self.first < window.end and window.start <= self.last

    @property
    def key(self) -> tuple[str, str, str]:
        return self.name, self.time, self.state

    def __str__(self) -> str:
        return f"{self.name} {self.fault}"


@dataclass(frozen=True, slots=True)
class LiveSlice:
    """The live data of one window, on this disk: `files` hold its rows and no others; where there
    is no file, the window is empty. `names` says what people call a file that was copied.

    `untimed` is how many rows were met that have no time, and so belong to no window. `faulty` are
    files that would have rows of the window, or may. `looked` are those that were looked at now and
    need not be again while their state stays; one with a fault is there once the window may be its.
    """

    window: Window
    files: tuple[str, ...]
    untimed: int = 0
    names: Mapping[str, str] = field(default_factory=dict)
    faulty: tuple[FileTimeRange, ...] = ()
    looked: tuple[FileTimeRange, ...] = ()

    def name(self, file: str) -> str:
        return self.names.get(file, file)


def due(
    rule: WindowRule, *, since: int | None, now: int, most: int | None = None
) -> tuple[Window, ...]:
    """Return the windows that are to be looked at now, oldest first; at most `most` of them.

    `since` is the end of the last window that was recorded; None before there is one, and then
    only the latest that is over is due. Where `since` is not on the grid, since `every` was another
    then, the first window ends where the grid goes on: no row is left out and none is in two.
    """
    begin, ends = _ends(rule, since=since, now=now)
    return tuple(Window(max(begin, end - rule.every_seconds), end) for end in ends[:most])


def _ends(rule: WindowRule, *, since: int | None, now: int) -> tuple[int, range]:
    """Where the first of the windows that are due begins, and where each of them ends."""
    until = _floor(now - rule.late_seconds, rule.every_seconds)
    begin = until - rule.every_seconds if since is None else since
    first = _floor(begin, rule.every_seconds) + rule.every_seconds
    return begin, range(first, until + 1, rule.every_seconds)


def clock_problem(*, since: int, now: int) -> str:
    """Say what is wrong with a clock that stands before the end of the last window that was
    recorded, since windows are recorded after they end; "" when nothing is."""
    if now >= since:
        return ""
    clock, end = timestamps.write(now), timestamps.write(since)
    said = f"this machine's clock says {clock}, and a window until {end} was recorded"
    return f"{said}: one of two clocks is wrong, and no window is due until then"


def _floor(moment: int, every_seconds: int) -> int:
    return moment - (moment - GRID_START) % every_seconds


class LabelStatus(StrEnum):
    """Whether the labels of a window that was looked at have come.

    WAITING: some are missing and may still come. COMPLETE: every row has one. PARTIAL: they were
    waited for, and what has come is judged. MISSING: they were waited for, and too few came.
    """

    WAITING = "waiting"
    COMPLETE = "complete"
    PARTIAL = "partial"
    MISSING = "missing"


def labels(
    window: Window, *, rows: int, labelled: int, min_rows: int, wait_seconds: int, now: int
) -> LabelStatus:
    """Say whether the labels of a window are all there, or no longer waited for."""
    if labelled >= rows:
        return LabelStatus.COMPLETE
    if now < window.end + wait_seconds:
        return LabelStatus.WAITING
    return LabelStatus.PARTIAL if labelled >= min_rows else LabelStatus.MISSING


@dataclass(frozen=True, slots=True)
class ScheduleStatus:
    """Whether a model is still watched: how many windows are overdue, and since when."""

    overdue: int
    since: int | None

    @property
    def has_stopped(self) -> bool:
        return self.overdue > 0


def schedule_status(rule: WindowRule, *, since: int, now: int) -> ScheduleStatus:
    """Return how many windows should have been looked at and were not; nothing but the record is
    needed, so whoever runs next sees that a schedule stopped.

    A window is overdue two of its lengths after it was due, or one and GRACE_SECONDS: runs that
    come once in a window, and late at that, have not stopped.
    """
    grace = max(rule.every_seconds, GRACE_SECONDS) + rule.every_seconds
    _, overdue = _ends(rule, since=since, now=now - grace)
    return ScheduleStatus(len(overdue), overdue[0] + rule.late_seconds if overdue else None)
