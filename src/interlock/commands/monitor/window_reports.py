"""The drift reports of selected windows of one model: live data is read once, and compared with the
champion's reference profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from interlock import errors
from interlock.commands.monitor.context import MonitorContext
from interlock.commands.monitor.recorded_windows import RecordedWindows
from interlock.domain.basics import figures, timestamps
from interlock.domain.drift.profile import Profile, WindowProfile
from interlock.domain.drift.status import DriftStatus
from interlock.domain.model.monitor_rules import Monitor
from interlock.domain.monitoring import drift_table, window_report
from interlock.domain.monitoring.monitoring_records import DriftReport
from interlock.domain.monitoring.window_report import MonitoredChampion, WindowData
from interlock.domain.monitoring.windows import FileTimeRange, LiveSlice, Window

RECENT = 12
"""Windows that are read in addition to those for persistence: some may have too few rows."""
_EARLIER = drift_table.WINDOWS - 1


@dataclass(slots=True)
class WindowReports:
    """Live data is kept in memory until it is recorded: after a concurrent write to the ledger the
    reports are computed again."""

    context: MonitorContext
    monitor: Monitor
    champion: MonitoredChampion
    recorded: RecordedWindows
    now: int
    profile: Profile | None = None
    data: dict[Window, WindowData] = field(default_factory=dict)

    def compute(self, selected: Sequence[Window], profile: Profile) -> tuple[DriftReport, ...]:
        """Return the report of each window, oldest first. Raises the errors of reading live
        data."""
        if profile != self.profile:
            # Another run recorded it first; live data is counted in the bins of its reference.
            self.profile, self.data = profile, {}
        ends = {window.end for window in selected}
        reports: list[DriftReport] = []
        for window in selected:
            reports.append(self._report(window, profile, ends, reports))
        return tuple(reports)

    def _report(
        self, window: Window, profile: Profile, ends: set[int], new: Sequence[DriftReport]
    ) -> DriftReport:
        most = max(self.monitor.checks.drift.persist.among + RECENT, _EARLIER)
        before = [*self.recorded.before(window.start, most, but=ends), *new[-most:]]
        past = sorted(before, key=lambda report: report.end)[-most:]
        report = window_report.report(
            self._read(window, profile),
            reference=profile,
            monitor=self.monitor,
            champion=self.champion,
            past=past,
            at=timestamps.write(self.now),
        )
        first = self.recorded.find(window.end)
        report = report if first is None else _revised(report, first)
        if report.verdict is DriftStatus.DRIFT:
            seasons = self.recorded.seasons(window.end, new=new)
            report = window_report.with_season(report, monitor=self.monitor, past=seasons)
        return replace(report, earlier=tuple(each.own_verdict for each in past[-_EARLIER:]))

    def _read(self, window: Window, profile: Profile) -> WindowData:
        if window not in self.data:
            columns = window_report.columns(self.monitor)
            source, time = self.monitor.live, self.monitor.time

            def known() -> dict[str, FileTimeRange]:
                return self.recorded.files(window.start)

            fetched = self.context.live().fetch_window(
                source, time=time, window=window, known=known
            )
            with fetched as live_slice:
                live = self.context.profiling().profile_window(
                    live_slice.files,
                    reference=profile,
                    include=columns.include,
                    exclude=columns.exclude,
                )
            self.data[window] = self._window_data(window, live_slice, live)
        return self.data[window]

    def _window_data(self, window: Window, live: LiveSlice, profile: WindowProfile) -> WindowData:
        """A fault of a whole file is reported by one window; rows that fail by each that lacks
        them."""
        files = live.checked
        if files:
            known = {file.key for file in self.recorded.files(window.start).values()}
            known |= {f.key for w, data in self.data.items() if w < window for f in data.files}
            files = tuple(file for file in files if file.key not in known)
        faulty = (file for file in live.faulty if file in files)
        lost = [str(file) for file in (*faulty, *live.failed)]
        unread = [f"{live.name(path)} {reason}" for path, reason in profile.unread.items()]
        lacking = {live.name(path): columns for path, columns in profile.lacking.items()}
        return WindowData(
            window, profile.profile, live.untimed, (*lost, *unread), files, lacking=lacking
        )


def _revised(report: DriftReport, before: DriftReport) -> DriftReport:
    """Raises CannotProfile if the data of a recorded window was deleted: the record stays."""
    if before.rows and not report.rows and not report.unread:
        raise errors.CannotProfile(
            f"the window until {report.end} had {figures.count(before.rows, 'row')}, and its "
            "live data was deleted",
            hint="reevaluate only windows with live data: choose a later --reevaluate-since",
        )
    return replace(report, revision=before.revision + 1)
