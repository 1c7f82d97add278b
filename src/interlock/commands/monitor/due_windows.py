"""One model: its windows that are due, each looked at once, and recorded in one commit."""

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
"""Windows that are read besides those that persistence counts: some of them had too few rows."""
MOST_WINDOWS = 10_000
"""So many are looked at in one run, a week of minutes; the next run goes on. A clock that is years
ahead would have none of them end."""

_Found = tuple[tuple[DriftReport, ...], tuple[PerformanceReport, ...]]


@dataclass(slots=True)
class DueWindows:
    """One model while it is looked at. What was read of its live data is kept until the end, since
    records are decided again when somebody else writes first."""

    world: MonitorContext
    manifest: Manifest
    monitor: Monitor
    served: MonitoredChampion
    evidence: Evidence
    request: MonitorOptions
    recorded: RecordedWindows = field(init=False)
    profile: Profile | None = None
    read: dict[Window, WindowData] = field(default_factory=dict)
    failure: errors.InterlockError | None = None

    def __post_init__(self) -> None:
        self.recorded = RecordedWindows(self.world.ledger, self.served.model)

    def look(self) -> MonitoredModel:
        """Look at every window that is due, and at labels that came. Raises what reading live data
        raises; then nothing was recorded."""
        self._doubt()
        overdue = self._overdue()
        if self._wanted():
            # Before the records: it is one of its own, and theirs are decided over it.
            candidate = self.evidence.candidate
            self.profile = reference_profile.find(self.world, self.monitor, self.served, candidate)
        with labelled_windows.opened(
            self.world, self.manifest, self.monitor, self.request
        ) as labels:
            message = f"Watch {self.served.model} until {timestamps.write(self.now)}"
            drift, performance = transaction.decide(
                self.world.ledger, lambda: self._decide(labels), message=message
            )
        state, sentence = self._stand() if self.failure is None else self._failed(self.failure)
        return MonitoredModel(
            model=self.served.model,
            state=state,
            sentence=sentence,
            champion=self.served.fingerprint,
            windows=drift,
            performance=performance,
            overdue=overdue,
            recent=self.recorded.last(_RECENT),
            labelled=self.recorded.performance(),
            failure=self.failure,
        )

    @property
    def now(self) -> int:
        return self.request.now

    def _since(self) -> int | None:
        return max(self.recorded.ends(), default=None)

    def _doubt(self) -> None:
        """A clock that was set back makes no window due; that is told, and not taken for calm."""
        since = self._since()
        if since is not None and (said := windows.clock_problem(since=since, now=self.now)):
            raise errors.OutsideFailure(said, hint="set this machine's clock; nothing was recorded")

    def _due(self) -> tuple[Window, ...]:
        since = self._since()
        return windows.due(self.monitor.window, since=since, now=self.now, most=MOST_WINDOWS)

    def _again(self) -> tuple[Window, ...]:
        """Windows that are to be evaluated again: of this champion, the records of which stay."""
        since = self.request.again_since
        ends = () if since is None else (end for end in self.recorded.ends() if end > since)
        own = (r for r in map(self.recorded.at, ends) if r.reference == self.served.fingerprint)
        return tuple(Window(seconds(r.start), seconds(r.end)) for r in own)

    def _wanted(self) -> tuple[Window, ...]:
        return (*self._again(), *self._due())

    def _overdue(self) -> int:
        since = self._since()
        if since is None:
            return 0
        return windows.schedule_status(self.monitor.window, since=since, now=self.now).overdue

    def _decide(
        self, labels: labelled_windows.LabelledWindows
    ) -> tuple[_Found, list[DriftReport | PerformanceReport]]:
        if not self._is_served():
            # Something else was promoted meanwhile: the next look holds the windows against that.
            return ((), ()), []
        drift = self._reports(self._wanted())
        performance = self._labelled(labels, drift)
        return (drift, performance), [*drift, *performance]

    def _labelled(
        self, labels: labelled_windows.LabelledWindows, drift: Sequence[DriftReport]
    ) -> tuple[PerformanceReport, ...]:
        """Labels that cannot be read keep no window from being recorded."""
        try:
            return labels.reports(self.recorded, new=drift)
        except errors.CannotProfile as error:
            self.failure = error
            return ()

    def _is_served(self) -> bool:
        champion = lookup.champion(self.world.ledger, model=self.served.model)
        return champion is not None and champion.fingerprint == self.served.fingerprint

    def _reports(self, due: Sequence[Window]) -> tuple[DriftReport, ...]:
        if self.profile is None or not due:
            return ()
        most = self.monitor.checks.drift.persist.among + _RECENT
        redone, recorded = {window.end for window in due}, frozenset(self.recorded.ends())
        found: list[DriftReport] = []
        for window in due:
            past = self.recorded.before(window.start, most, but=redone)
            report = window_report.report(
                self._read(window, self.profile),
                reference=self.profile,
                monitor=self.monitor,
                served=self.served,
                past=[*past, *found],
                at=timestamps.write(self.now),
            )
            if window.end in recorded:
                report = self._revised(report, self.recorded.at(window.end))
            if report.verdict is DriftStatus.DRIFT:
                seasons = self.recorded.seasons(window.end, new=found)
                report = window_report.with_season(report, monitor=self.monitor, past=seasons)
            found.append(report)
        return tuple(found)

    def _revised(self, report: DriftReport, before: DriftReport) -> DriftReport:
        """Raises CannotProfile where the data of a window is gone: what was seen of it counts."""
        if before.rows and not report.rows and not report.unread:
            raise errors.CannotProfile(
                f"the window until {report.end} had {figures.count(before.rows, 'row')}, and "
                "nothing of them is left",
                hint="evaluate only windows again whose live data is still there",
            )
        return replace(report, revision=before.revision + 1)

    def _read(self, window: Window, profile: Profile) -> WindowData:
        if window not in self.read:
            columns = window_report.columns(self.monitor)
            source, time = self.monitor.live, self.monitor.time

            def known() -> dict[str, FileTimeRange]:
                return self.recorded.files(window.start)

            fetched = self.world.live().fetch_window(source, time=time, window=window, known=known)
            with fetched as piece:
                found = self.world.profiling().profile_window(
                    piece.files,
                    reference=profile,
                    include=columns.include,
                    exclude=columns.exclude,
                )
            self.read[window] = self._told(window, piece, found)
        return self.read[window]

    def _told(self, window: Window, piece: LiveSlice, found: WindowProfile) -> WindowData:
        """A fault that an earlier window had is that one's, and not every later one's as well."""
        files = piece.looked
        if files:
            known = {file.key for file in self.recorded.files(window.start).values()}
            known |= {f.key for w, read in self.read.items() if w < window for f in read.files}
            files = tuple(file for file in files if file.key not in known)
        faulty = [str(file) for file in piece.faulty if file in files]
        unread = [f"{piece.name(path)} {reason}" for path, reason in found.unread.items()]
        lacking = {piece.name(path): columns for path, columns in found.lacking.items()}
        return WindowData(
            window, found.profile, piece.untimed, (*faulty, *unread), files, lacking=lacking
        )

    def _failed(self, failure: errors.InterlockError) -> tuple[MonitorOutcome, str]:
        return MonitorOutcome.FAILED, f"its labels cannot be joined: {failure.message}"

    def _stand(self) -> tuple[MonitorOutcome, str]:
        """By the newest record of this champion that says something."""
        own = [r for r in self.recorded.last(_RECENT) if r.reference == self.served.fingerprint]
        if not own:
            return (
                MonitorOutcome.WAITING,
                f"no window is over since version {self.served.version} is served",
            )
        telling = [report for report in own if report.verdict is not DriftStatus.INSUFFICIENT]
        newest = (telling or own)[-1]
        late = self.recorded.performance()
        fell = late is not None and (late.reference, late.performance.verdict) == (
            self.served.fingerprint,
            DriftStatus.DRIFT,
        )
        if late is not None and fell and newest.verdict is not DriftStatus.BROKEN:
            return MonitorOutcome.DRIFT, late.diagnosis.sentence
        return STATES[newest.verdict], newest.diagnosis.sentence
