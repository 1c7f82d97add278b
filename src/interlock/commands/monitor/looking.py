"""One model: its windows that are due, each looked at once, and recorded in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from interlock import appending, book, errors
from interlock.commands.monitor import labelled, reference
from interlock.commands.monitor.nouns import STATES, State, Watched, World
from interlock.commands.monitor.recorded import Recorded
from interlock.domain import moments, watching, windows
from interlock.domain.drift.profile import Profile
from interlock.domain.drift.verdict import Verdict
from interlock.domain.evidence import Evidence
from interlock.domain.manifest import Manifest
from interlock.domain.monitor import Monitor
from interlock.domain.watch import DriftReport, PerformanceReport
from interlock.domain.watching import Read, Served
from interlock.domain.windows import Window

_RECENT = 12
"""Windows that are read besides those that persistence counts: some of them had too few rows."""
MOST_WINDOWS = 10_000
"""So many are looked at in one run, a week of minutes; the next run goes on. A clock that is years
ahead would have none of them end."""

_Found = tuple[tuple[DriftReport, ...], tuple[PerformanceReport, ...]]


@dataclass(slots=True)
class Looking:
    """One model while it is looked at. What was read of its live data is kept until the end, since
    records are decided again when somebody else writes first."""

    world: World
    manifest: Manifest
    monitor: Monitor
    served: Served
    evidence: Evidence
    now: int
    recorded: Recorded = field(init=False)
    profile: Profile | None = None
    read: dict[Window, Read] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.recorded = Recorded(self.world.ledger, self.served.model)

    def look(self) -> Watched:
        """Look at every window that is due, and at labels that came. Raises what reading live data
        raises; then nothing was recorded."""
        self._doubt()
        overdue = self._overdue()
        if self._due():
            # Before the records: it is one of its own, and theirs are decided over it.
            candidate = self.evidence.candidate
            self.profile = reference.find(self.world, self.monitor, self.served, candidate)
        with labelled.opened(self.world, self.manifest, self.monitor, now=self.now) as labels:
            message = f"Watch {self.served.model} until {moments.write(self.now)}"
            drift, performance = appending.decide(
                self.world.ledger, lambda: self._decide(labels), message=message
            )
        state, sentence = self._stand()
        return Watched(
            model=self.served.model,
            state=state,
            sentence=sentence,
            champion=self.served.fingerprint,
            windows=drift,
            performance=performance,
            overdue=overdue,
            recent=self.recorded.last(_RECENT),
            labelled=self.recorded.performance(),
        )

    def _since(self) -> int | None:
        return max(self.recorded.ends(), default=None)

    def _doubt(self) -> None:
        """A clock that was set back makes no window due; that is told, and not taken for calm."""
        since = self._since()
        if since is not None and (said := windows.doubt(since=since, now=self.now)):
            raise errors.OutsideFailure(said, hint="set this machine's clock; nothing was recorded")

    def _due(self) -> tuple[Window, ...]:
        since = self._since()
        return windows.due(self.monitor.window, since=since, now=self.now, most=MOST_WINDOWS)

    def _overdue(self) -> int:
        since = self._since()
        if since is None:
            return 0
        return windows.pulse(self.monitor.window, since=since, now=self.now).overdue

    def _decide(
        self, labels: labelled.Labels
    ) -> tuple[_Found, list[DriftReport | PerformanceReport]]:
        if not self._is_served():
            # Something else was promoted meanwhile: the next look holds the windows against that.
            return ((), ()), []
        drift = self._reports(self._due())
        performance = labels.reports(self.recorded, new=drift)
        return (drift, performance), [*drift, *performance]

    def _is_served(self) -> bool:
        champion = book.champion(self.world.ledger, model=self.served.model)
        return champion is not None and champion.fingerprint == self.served.fingerprint

    def _reports(self, due: Sequence[Window]) -> tuple[DriftReport, ...]:
        if self.profile is None or not due:
            return ()
        among = self.monitor.checks.drift.persist.among
        past = self.recorded.last(among + _RECENT)
        found: list[DriftReport] = []
        for window in due:
            report = watching.report(
                self._read(window, self.profile),
                reference=self.profile,
                monitor=self.monitor,
                served=self.served,
                past=[*past, *found],
                at=moments.write(self.now),
            )
            if report.verdict is Verdict.DRIFT:
                seasons = self.recorded.seasons(window.end, new=found)
                report = watching.with_season(report, monitor=self.monitor, past=seasons)
            found.append(report)
        return tuple(found)

    def _read(self, window: Window, profile: Profile) -> Read:
        if window not in self.read:
            columns = watching.columns(self.monitor)
            source, time = self.monitor.live, self.monitor.time
            with self.world.live().fetch_window(source, time=time, window=window) as piece:
                found = self.world.profiling().profile_window(
                    piece.files,
                    reference=profile,
                    include=columns.include,
                    exclude=columns.exclude,
                )
            unread = (f"{piece.name(path)} {reason}" for path, reason in found.unread.items())
            self.read[window] = Read(window, found.profile, piece.untimed, tuple(unread))
        return self.read[window]

    def _stand(self) -> tuple[State, str]:
        """By the newest record of this champion that says something."""
        own = [r for r in self.recorded.last(_RECENT) if r.reference == self.served.fingerprint]
        if not own:
            return State.WAITING, f"no window is over since version {self.served.version} is served"
        telling = [report for report in own if report.verdict is not Verdict.INSUFFICIENT]
        newest = (telling or own)[-1]
        late = self.recorded.performance()
        fell = late is not None and (late.reference, late.performance.verdict) == (
            self.served.fingerprint,
            Verdict.DRIFT,
        )
        if late is not None and fell and newest.verdict is not Verdict.BROKEN:
            return State.DRIFT, late.diagnosis.sentence
        return STATES[newest.verdict], newest.diagnosis.sentence
