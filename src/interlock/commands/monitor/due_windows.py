"""The due windows of one model: each evaluated once, recorded with those of the other models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from interlock import errors
from interlock.commands.monitor import model_state, reference_profile
from interlock.commands.monitor.context import MonitorContext, MonitoredModel, MonitorOptions
from interlock.commands.monitor.labelled_windows import Labelled, LabelledWindows
from interlock.commands.monitor.recorded_windows import RecordedWindows, seconds
from interlock.commands.monitor.window_reports import RECENT, WindowReports
from interlock.domain.basics import timestamps
from interlock.domain.model.evidence import Evidence
from interlock.domain.model.manifest import Manifest
from interlock.domain.model.monitor_rules import Monitor
from interlock.domain.monitoring import windows
from interlock.domain.monitoring.monitoring_records import DriftReport, ReferenceProfile
from interlock.domain.monitoring.window_report import MonitoredChampion
from interlock.domain.monitoring.windows import Window
from interlock.ledger import lookup

MOST_WINDOWS = 10_000
"""Windows per run, a week of minutes; the next run continues. Without this limit a clock that is
years ahead would make the run endless."""

Decided = tuple[MonitoredModel, list[object]]
"""The result of a model, and the records that it depends on."""


@dataclass(slots=True)
class DueWindows:
    """One model in one run. Data and results are kept until it is recorded: after a
    concurrent write to the ledger the records are decided again. `folder` is for its files."""

    context: MonitorContext
    options: MonitorOptions
    manifest: Manifest
    monitor: Monitor
    champion: MonitoredChampion
    evidence: Evidence
    folder: Path
    created: ReferenceProfile | None = None
    overdue: int | None = None
    recorded: RecordedWindows = field(init=False)
    reports: WindowReports = field(init=False)
    labels: LabelledWindows = field(init=False)
    decided: tuple[str | None, Decided] | None = None

    def __post_init__(self) -> None:
        context, monitor, now = self.context, self.monitor, self.options.now
        self.recorded = RecordedWindows(context.ledger, self.champion.model)
        self.reports = WindowReports(context, monitor, self.champion, self.recorded, now)
        self.labels = LabelledWindows(context, self.options, self.manifest, monitor, self.folder)

    def decide(self) -> Decided:
        """Evaluate every due window and new labels, over the present head of the ledger. Raises the
        errors of reading live data."""
        head = self.context.ledger.head
        if self.decided is None or self.decided[0] != head:
            self.decided = head, self._decide()
        return self.decided[1]

    def new_profile(self) -> list[object]:
        """The champion's reference profile, if this run computed it and no other one recorded
        it."""
        if self.created is None:
            return []
        known = reference_profile.find(self.context, self.monitor, self.champion)
        return [self.created] if known is None else []

    def _decide(self) -> Decided:
        self._check_clock()
        if self.overdue is None:
            self.overdue = self._overdue()
        if not self._is_champion():
            # Another version was promoted meanwhile: the next run compares the windows with it.
            return self._result((), Labelled(), None), []
        drift = self._drift_reports()
        labelled, failure = self._labelled(drift)
        until = None if labelled.until is None else timestamps.write(labelled.until)
        drift = tuple(replace(report, labelled_until=until) for report in drift)
        result = self._result(drift, labelled, failure)
        records = self.recorded.listed(drift)
        return result, [*self.new_profile(), *records, *labelled.reports]

    def _check_clock(self) -> None:
        """A clock that was set back makes no window due; without an error that looks healthy."""
        since, now = self.recorded.end(), self.options.now
        problem = None if since is None else windows.clock_problem(since=since, now=now)
        if problem is not None:
            raise errors.OutsideFailure(
                problem.reason, hint="set the clock of this machine; nothing was recorded"
            )

    def _overdue(self) -> int:
        since, now = self.recorded.end(), self.options.now
        if since is None:
            return 0
        return windows.schedule_status(self.monitor.window, since=since, now=now).overdue

    def _is_champion(self) -> bool:
        champion = lookup.champion(self.context.ledger, model=self.champion.model)
        return champion is not None and champion.fingerprint == self.champion.fingerprint

    def _drift_reports(self) -> tuple[DriftReport, ...]:
        selected = (*self._reevaluated(), *self._due())
        return self.reports.compute(selected, self._profile().profile) if selected else ()

    def _due(self) -> tuple[Window, ...]:
        since, now = self.recorded.end(), self.options.now
        return windows.due(self.monitor.window, since=since, now=now, most=MOST_WINDOWS)

    def _reevaluated(self) -> tuple[Window, ...]:
        """Recorded windows of this champion to evaluate again; their first records stay."""
        since = self.options.reevaluate_since
        recorded = () if since is None else self.recorded.after(since)
        own = (r for r in recorded if r.reference == self.champion.fingerprint)
        return tuple(Window(seconds(r.start), seconds(r.end)) for r in own)

    def _profile(self) -> ReferenceProfile:
        known = reference_profile.find(self.context, self.monitor, self.champion)
        if known is not None:
            return known
        if self.created is None:
            candidate = self.evidence.candidate
            self.created = reference_profile.create(
                self.context, self.monitor, self.champion, candidate
            )
        return self.created

    def _labelled(
        self, drift: Sequence[DriftReport]
    ) -> tuple[Labelled, errors.InterlockError | None]:
        """Unreadable labels do not stop the windows from being recorded."""
        after = self.recorded.labelled_until(self.champion.fingerprint)
        try:
            return self.labels.evaluate(self.recorded, new=drift, after=after), None
        except errors.CannotProfile as error:
            return Labelled(until=after), error

    def _result(
        self,
        drift: tuple[DriftReport, ...],
        labelled: Labelled,
        failure: errors.InterlockError | None,
    ) -> MonitoredModel:
        newest = {report.end: report for report in (*self.recorded.last(RECENT), *drift)}
        recent = tuple(newest[end] for end in sorted(newest))[-RECENT:]
        conclusive = self.recorded.conclusive(labelled.reports)
        state, sentence = model_state.of(recent, conclusive, champion=self.champion)
        if failure is not None:
            state, sentence = model_state.unlabelled(failure)
        return MonitoredModel(
            model=self.champion.model,
            state=state,
            sentence=sentence,
            champion=self.champion.fingerprint,
            windows=drift,
            performance=labelled.reports,
            overdue=self.overdue or 0,
            recent=recent,
            labelled=conclusive,
            failure=failure,
        )
