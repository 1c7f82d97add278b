"""The due windows of one model: each evaluated once, all recorded in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from interlock import errors
from interlock.commands.monitor import labelled_windows, reference_profile
from interlock.commands.monitor.context import (
    STATES,
    MonitorContext,
    MonitoredModel,
    MonitorOptions,
    MonitorOutcome,
)
from interlock.commands.monitor.labelled_windows import LabelledWindows
from interlock.commands.monitor.recorded_windows import RecordedWindows, seconds
from interlock.domain.basics import figures, timestamps
from interlock.domain.drift.profile import Profile, WindowProfile
from interlock.domain.drift.status import DriftStatus
from interlock.domain.model.evidence import Evidence
from interlock.domain.model.manifest import Manifest
from interlock.domain.model.monitor_rules import Monitor
from interlock.domain.monitoring import window_report, windows
from interlock.domain.monitoring.monitoring_records import DriftReport, PerformanceReport
from interlock.domain.monitoring.window_report import MonitoredChampion, WindowData
from interlock.domain.monitoring.windows import FileTimeRange, LiveSlice, Window
from interlock.ledger import lookup, transaction

_RECENT = 12
"""Windows that are read in addition to those for persistence: some may have too few rows."""
MOST_WINDOWS = 10_000
"""Windows per run, a week of minutes; the next run continues. Without this limit a clock that is
years ahead would make the run endless."""

_Reports = tuple[tuple[DriftReport, ...], tuple[PerformanceReport, ...]]


@dataclass(slots=True)
class DueWindows:
    """One model in one run. Live data is read once and kept until the end: after a concurrent
    write to the ledger the records are decided again."""

    context: MonitorContext
    options: MonitorOptions
    manifest: Manifest
    monitor: Monitor
    champion: MonitoredChampion
    evidence: Evidence
    recorded: RecordedWindows = field(init=False)
    profile: Profile | None = None
    data: dict[Window, WindowData] = field(default_factory=dict)
    failure: errors.InterlockError | None = None

    def __post_init__(self) -> None:
        self.recorded = RecordedWindows(self.context.ledger, self.champion.model)

    def evaluate(self) -> MonitoredModel:
        """Evaluate every due window and new labels. Raises the errors of reading live data; then
        nothing is recorded."""
        self._check_clock()
        overdue = self._overdue()
        if self._selected():
            # The profile has its own record; the records of the windows depend on it.
            self.profile = reference_profile.find_or_create(
                self.context, self.monitor, self.champion, self.evidence.candidate
            )
        drift, performance = self._record()
        state, sentence = self._state() if self.failure is None else self._failed(self.failure)
        return MonitoredModel(
            model=self.champion.model,
            state=state,
            sentence=sentence,
            champion=self.champion.fingerprint,
            windows=drift,
            performance=performance,
            overdue=overdue,
            recent=self.recorded.last(_RECENT),
            labelled=self.recorded.performance(),
            failure=self.failure,
        )

    def _record(self) -> _Reports:
        message = f"Monitor {self.champion.model} until {timestamps.write(self.now)}"
        with labelled_windows.open_labels(
            self.context, self.options, self.manifest, self.monitor
        ) as labels:
            return transaction.decide(
                self.context.ledger, lambda: self._decide(labels), message=message
            )

    @property
    def now(self) -> int:
        return self.options.now

    def _since(self) -> int | None:
        return max(self.recorded.ends(), default=None)

    def _check_clock(self) -> None:
        """A clock that was set back makes no window due; without an error that looks healthy."""
        since = self._since()
        problem = None if since is None else windows.clock_problem(since=since, now=self.now)
        if problem is not None:
            raise errors.OutsideFailure(
                problem.reason, hint="set the clock of this machine; nothing was recorded"
            )

    def _due(self) -> tuple[Window, ...]:
        since = self._since()
        return windows.due(self.monitor.window, since=since, now=self.now, most=MOST_WINDOWS)

    def _reevaluated(self) -> tuple[Window, ...]:
        """Recorded windows of this champion to evaluate again; their first records stay."""
        since = self.options.reevaluate_since
        ends = () if since is None else (end for end in self.recorded.ends() if end > since)
        own = (r for r in map(self.recorded.at, ends) if r.reference == self.champion.fingerprint)
        return tuple(Window(seconds(r.start), seconds(r.end)) for r in own)

    def _selected(self) -> tuple[Window, ...]:
        return (*self._reevaluated(), *self._due())

    def _overdue(self) -> int:
        since = self._since()
        if since is None:
            return 0
        return windows.schedule_status(self.monitor.window, since=since, now=self.now).overdue

    def _decide(
        self, labels: LabelledWindows
    ) -> tuple[_Reports, list[DriftReport | PerformanceReport]]:
        if not self._is_champion():
            # Another version was promoted meanwhile: the next run compares the windows with it.
            return ((), ()), []
        drift = self._drift_reports(self._selected())
        performance = self._performance_reports(labels, drift)
        return (drift, performance), [*drift, *performance]

    def _performance_reports(
        self, labels: LabelledWindows, drift: Sequence[DriftReport]
    ) -> tuple[PerformanceReport, ...]:
        """Unreadable labels do not stop the windows from being recorded."""
        try:
            return labels.reports(self.recorded, new=drift)
        except errors.CannotProfile as error:
            self.failure = error
            return ()

    def _is_champion(self) -> bool:
        champion = lookup.champion(self.context.ledger, model=self.champion.model)
        return champion is not None and champion.fingerprint == self.champion.fingerprint

    def _drift_reports(self, selected: Sequence[Window]) -> tuple[DriftReport, ...]:
        if self.profile is None or not selected:
            return ()
        most = self.monitor.checks.drift.persist.among + _RECENT
        ends, recorded = {window.end for window in selected}, frozenset(self.recorded.ends())
        reports: list[DriftReport] = []
        for window in selected:
            past = self.recorded.before(window.start, most, but=ends)
            report = window_report.report(
                self._read(window, self.profile),
                reference=self.profile,
                monitor=self.monitor,
                champion=self.champion,
                past=[*past, *reports],
                at=timestamps.write(self.now),
            )
            if window.end in recorded:
                report = self._revised(report, self.recorded.at(window.end))
            if report.verdict is DriftStatus.DRIFT:
                seasons = self.recorded.seasons(window.end, new=reports)
                report = window_report.with_season(report, monitor=self.monitor, past=seasons)
            reports.append(report)
        return tuple(reports)

    def _revised(self, report: DriftReport, before: DriftReport) -> DriftReport:
        """Raises CannotProfile if the data of a recorded window was deleted: the record stays."""
        if before.rows and not report.rows and not report.unread:
            raise errors.CannotProfile(
                f"the window until {report.end} had {figures.count(before.rows, 'row')}, and its "
                "live data was deleted",
                hint="reevaluate only windows with live data: choose a later --reevaluate-since",
            )
        return replace(report, revision=before.revision + 1)

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
        """A fault that an earlier window reported is not reported again."""
        files = live.checked
        if files:
            known = {file.key for file in self.recorded.files(window.start).values()}
            known |= {f.key for w, data in self.data.items() if w < window for f in data.files}
            files = tuple(file for file in files if file.key not in known)
        faulty = [str(file) for file in live.faulty if file in files]
        unread = [f"{live.name(path)} {reason}" for path, reason in profile.unread.items()]
        lacking = {live.name(path): columns for path, columns in profile.lacking.items()}
        return WindowData(
            window, profile.profile, live.untimed, (*faulty, *unread), files, lacking=lacking
        )

    def _failed(self, failure: errors.InterlockError) -> tuple[MonitorOutcome, str]:
        return MonitorOutcome.FAILED, f"labels cannot be joined: {failure.message}"

    def _state(self) -> tuple[MonitorOutcome, str]:
        """By the newest conclusive record of this champion."""
        fingerprint = self.champion.fingerprint
        own = [r for r in self.recorded.last(_RECENT) if r.reference == fingerprint]
        if not own:
            sentence = f"no window has ended since version {self.champion.version} was promoted"
            return MonitorOutcome.WAITING, sentence
        conclusive = [r for r in own if r.verdict is not DriftStatus.INSUFFICIENT]
        newest = (conclusive or own)[-1]
        labelled = self.recorded.performance()
        if (
            labelled is not None
            and labelled.reference == fingerprint
            and labelled.performance.verdict is DriftStatus.DRIFT
            and newest.verdict is not DriftStatus.BROKEN
        ):
            return MonitorOutcome.DRIFT, labelled.diagnosis.sentence
        return STATES[newest.verdict], newest.diagnosis.sentence
