"""Windows of live data: which ones are due follows from the records, not from the schedule.

Times are whole seconds since 1970 in UTC. A window includes its start and excludes its end. All
windows are cut from one grid that begins on a Monday at midnight. So a scheduled run that is
dropped, late or doubled, or a clock that was set back, changes when a window is evaluated, but
never which rows it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from interlock.domain.basics import timestamps
from interlock.domain.basics.refusal import Refusal

if TYPE_CHECKING:
    from interlock.domain.model.monitor_rules import WindowRule

GRID_START = 4 * timestamps.DAY_SECONDS
"""1970-01-05, a Monday: weeks begin as in ISO 8601."""

GRACE_SECONDS = 6 * 3600
"""How late a scheduled run may be: GitHub starts some of them hours late."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    start: int
    end: int

    @property
    def name(self) -> str:
        """Its end, as in the paths of the ledger: unique among the windows of one model."""
        return timestamps.name(self.end)

    def has(self, moment: int) -> bool:
        return self.start <= moment < self.end

    def __str__(self) -> str:
        return f"{timestamps.write(self.start)} to {timestamps.write(self.end)}"


@dataclass(frozen=True, slots=True)
class FileTimeRange:
    """The times in a file of live data, from column or partition `time`: `first` to `last`, or None
    if it has no times. `fault` explains why rows of it cannot be read. `state` is a short digest
    that changes with the file."""

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
    """The live data of one window, on this disk: `files` have exactly its rows; an empty window has
    no files. `names` maps a copied file to its original name.

    `untimed` counts rows without a time, which do not belong to a window. `faulty` are unreadable
    files that may have rows of the window. `failed` are files with known times and rows of the
    window that cannot be read: each window lacks its own. `checked` are files with times that were
    read now: while their state stays the same, they are not read again. A file with a fault is
    among them as soon as its rows may be in the window.
    """

    window: Window
    files: tuple[str, ...]
    untimed: int = 0
    names: Mapping[str, str] = field(default_factory=dict)
    faulty: tuple[FileTimeRange, ...] = ()
    failed: tuple[FileTimeRange, ...] = ()
    checked: tuple[FileTimeRange, ...] = ()

    def name(self, file: str) -> str:
        return self.names.get(file, file)


def due(
    rule: WindowRule, *, since: int | None, now: int, most: int | None = None
) -> tuple[Window, ...]:
    """Return the due windows, oldest first; at most `most` of them.

    `since` is the end of the last recorded window. If it is None, only the latest ended window is
    due. If `since` is not on the grid because `every` was changed, the first window ends at the
    next point of the grid: no row is left out and none is in two windows."""
    begin, ends = _ends(rule, since=since, now=now)
    return tuple(Window(max(begin, end - rule.every_seconds), end) for end in ends[:most])


def _ends(rule: WindowRule, *, since: int | None, now: int) -> tuple[int, range]:
    """The start of the first due window, and the ends of all of them."""
    until = _floor(now - rule.late_seconds, rule.every_seconds)
    begin = until - rule.every_seconds if since is None else since
    first = _floor(begin, rule.every_seconds) + rule.every_seconds
    return begin, range(first, until + 1, rule.every_seconds)


def clock_problem(*, since: int, now: int) -> Refusal | None:
    """Refuse a clock that is before the end of the last recorded window: windows are recorded
    after they end."""
    if now >= since:
        return None
    return Refusal(
        f"the clock of this machine shows {timestamps.write(now)}, but a window until "
        f"{timestamps.write(since)} is recorded already: one of the two clocks is wrong"
    )


def _floor(moment: int, every_seconds: int) -> int:
    return moment - (moment - GRID_START) % every_seconds


class LabelStatus(StrEnum):
    """The state of the labels of a recorded window.

    WAITING: some are missing and may still arrive. COMPLETE: every row has a label. PARTIAL: the
    wait is over, and enough labels arrived. MISSING: the wait is over, and too few arrived.
    """

    WAITING = "waiting"
    COMPLETE = "complete"
    PARTIAL = "partial"
    MISSING = "missing"


def label_status(
    window: Window, *, rows: int, labelled: int, min_rows: int, wait_seconds: int, now: int
) -> LabelStatus:
    """Return the status of the labels of a window at the time `now`."""
    if labelled >= rows:
        return LabelStatus.COMPLETE
    if now < window.end + wait_seconds:
        return LabelStatus.WAITING
    return LabelStatus.PARTIAL if labelled >= min_rows else LabelStatus.MISSING


@dataclass(frozen=True, slots=True)
class ScheduleStatus:
    """The state of the monitoring schedule: the number of overdue windows, and since when."""

    overdue: int
    since: int | None

    @property
    def has_stopped(self) -> bool:
        return self.overdue > 0


def schedule_status(rule: WindowRule, *, since: int, now: int) -> ScheduleStatus:
    """Count the windows that should be recorded and are not. Only the records are needed, so any
    later run detects a schedule that stopped.

    A window is overdue two of its lengths after it was due, and at least one length and
    GRACE_SECONDS: a schedule with one late run per window has not stopped.
    """
    grace = max(rule.every_seconds, GRACE_SECONDS) + rule.every_seconds
    _, overdue = _ends(rule, since=since, now=now - grace)
    return ScheduleStatus(len(overdue), overdue[0] + rule.late_seconds if overdue else None)
