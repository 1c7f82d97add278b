"""The recorded windows of one model, read from the ledger one by one when needed."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from interlock.domain.basics import timestamps
from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring import diagnosis, known_files
from interlock.domain.monitoring.known_files import KnownFiles
from interlock.domain.monitoring.monitoring_records import DriftReport, PerformanceReport
from interlock.domain.monitoring.windows import FileTimeRange
from interlock.ledger import lookup
from interlock.ledger.window_paths import WindowPaths
from interlock.ports.ledger import Ledger

_LABELLED = 12
_NOTHING = DriftStatus.INSUFFICIENT


@dataclass(slots=True)
class RecordedWindows:
    """Records never change, so each is read at most once. Paths are listed once per head."""

    ledger: Ledger
    model: str
    reports: dict[str, DriftReport] = field(default_factory=dict)
    files_until: tuple[tuple[str | None, int] | None, dict[str, FileTimeRange]] = (None, {})
    _listed: tuple[str | None, WindowPaths, WindowPaths] | None = None

    @property
    def drift(self) -> WindowPaths:
        return self._list()[1]

    @property
    def performance(self) -> WindowPaths:
        return self._list()[2]

    def end(self) -> int | None:
        """The end of the newest window."""
        return next(self.drift.newest_first(), None)

    def find(self, end: int) -> DriftReport | None:
        """Return the last record of a window; None without one."""
        path = self.drift.find(end)
        if path is not None and path not in self.reports:
            self.reports[path] = lookup.drift_report(self.ledger, path)
        return self.reports[path] if path is not None else None

    def last(self, most: int) -> tuple[DriftReport, ...]:
        """The last windows, oldest first."""
        return self._read(itertools.islice(self.drift.newest_first(), most))

    def before(self, moment: int, most: int, *, but: Container[int]) -> tuple[DriftReport, ...]:
        """The last windows that ended by the time `moment`, oldest first."""
        ended = (end for end in self.drift.newest_first(moment) if end not in but)
        return self._read(itertools.islice(ended, most))

    def after(self, moment: int) -> tuple[DriftReport, ...]:
        """The windows that ended after the time `moment`, oldest first."""
        return self._read(reversed(self.drift.after(moment)))

    def files(self, before: int) -> dict[str, FileTimeRange]:
        """Files of live data by name, as recorded with the windows that ended by `before`."""
        last = self.ledger.head, next(self.drift.newest_first(before), 0)
        if last != self.files_until[0]:
            lists = (known for _, known in self._known_files(before))
            self.files_until = last, known_files.merge(lists)
        return self.files_until[1]

    def listed(self, new: Sequence[DriftReport]) -> tuple[DriftReport, ...]:
        """Return the records to write for new reports, the last one with a list of known files.

        After a reevaluation, windows in between have an outdated list: they get a record without.
        """
        newest = self.end() or 0
        again = {seconds(report.end) for report in new if seconds(report.end) <= newest}
        if again:
            return (*new, *self._unlisted(again))
        if not new or self.files_until[0] is None:
            return tuple(new)  # Folders have the times: no file is known by name.
        own = (_own_files(report) for report in reversed(new))
        joined = known_files.join(dict((*own, *self._known_files(newest))))
        return (*new[:-1], replace(new[-1], known_files=joined))

    def _known_files(self, before: int) -> Iterator[tuple[int, KnownFiles]]:
        """The lists of all files by the end of their window, newest first."""
        ends = self.drift.newest_first(before)
        while (end := next(ends, None)) is not None:
            (report,) = self._read((end,))
            yield _own_files(report)
            if report.known_files is not None:
                ends = self.drift.newest_first(report.known_files.after)

    def _unlisted(self, again: set[int]) -> Iterator[DriftReport]:
        for report in self.after(min(again) - 1):
            known = report.known_files
            end = seconds(report.end)
            if known and end not in again and any(known.after < each < end for each in again):
                yield replace(report, known_files=None, revision=report.revision + 1)

    def seasons(self, end: int, *, new: Sequence[DriftReport]) -> tuple[DriftReport, ...]:
        """The windows needed to detect a season; `new` are not written yet."""
        fresh = {seconds(report.end): report for report in new}
        first = end - diagnosis.LONGEST_SEASON_SECONDS
        recorded = sorted({*self.drift.after(first - 1), *fresh})
        wanted = diagnosis.season_ends(end, recorded=recorded)
        reports = (fresh.get(each) or self.find(each) for each in wanted)
        return tuple(report for report in reports if report is not None)

    def unlabelled(self, after: int, *, new: Sequence[DriftReport]) -> tuple[DriftReport, ...]:
        """The windows without a record of performance, oldest first: those of `new`, which are not
        written yet, and those that ended after a time."""
        fresh = {seconds(report.end): report for report in new}
        ends = sorted({*self.drift.after(after), *fresh})
        waiting = (end for end in ends if self.performance.find(end) is None)
        reports = (fresh.get(end) or self.find(end) for end in waiting)
        return tuple(report for report in reports if report is not None)

    def labelled_until(self, fingerprint: str) -> int | None:
        """The time by which no window waits for labels; None if it is unknown.

        Only a record of the champion counts: windows of another one are not evaluated again.
        """
        (newest,) = self.last(1) or (None,)
        if newest is None or newest.reference != fingerprint or newest.labelled_until is None:
            return None
        return seconds(newest.labelled_until)

    def conclusive(self, new: Iterable[PerformanceReport]) -> PerformanceReport | None:
        """The newest conclusive evaluation of labels, None if the last ones were not conclusive;
        `new` are not written yet."""
        fresh = {seconds(report.end): report for report in new}
        recorded = itertools.islice(self.performance.newest_first(), _LABELLED)
        ends = sorted({*recorded, *fresh}, reverse=True)[:_LABELLED]
        reports = (fresh.get(end) or self._performance(end) for end in ends)
        return next((r for r in reports if r and r.performance.verdict is not _NOTHING), None)

    def _performance(self, end: int) -> PerformanceReport | None:
        path = self.performance.find(end)
        return None if path is None else lookup.performance_report(self.ledger, path)

    def _read(self, newest_first: Iterable[int]) -> tuple[DriftReport, ...]:
        reports = map(self.find, reversed(tuple(newest_first)))
        return tuple(report for report in reports if report is not None)

    def _list(self) -> tuple[str | None, WindowPaths, WindowPaths]:
        """Listed once per state of the ledger: a run needs the list up to ten thousand times."""
        if self._listed is None or self._listed[0] != self.ledger.head:
            drift = lookup.drift_windows(self.ledger, model=self.model)
            performance = lookup.performance_windows(self.ledger, model=self.model)
            self._listed = self.ledger.head, drift, performance
        return self._listed


def _own_files(report: DriftReport) -> tuple[int, KnownFiles]:
    """The end of a window and its list, without one the files that were checked for it."""
    end = seconds(report.end)
    return end, report.known_files or KnownFiles(end - 1, report.files)


def seconds(moment: str) -> int:
    """Return the time of a record in seconds since 1970."""
    time = timestamps.read(moment)
    assert time is not None, moment  # noqa: S101 - timestamps.write wrote it
    return time
