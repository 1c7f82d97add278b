"""What is asked of watching, what it needs of the world, and what it answers; nothing happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from interlock import errors
from interlock.domain.drift.status import DriftStatus
from interlock.domain.model.snapshot import Snapshot
from interlock.domain.monitoring.monitoring_records import DriftReport, PerformanceReport
from interlock.ports.git import Repository, Tree
from interlock.ports.labelling import Labelling
from interlock.ports.ledger import Ledger
from interlock.ports.live import Live
from interlock.ports.plots import Plots
from interlock.ports.profiling import Profiling
from interlock.ports.runs import Runs
from interlock.ports.scoring import Scoring


@dataclass(frozen=True, slots=True)
class MonitorOptions:
    """`models` empty asks for all that declare `monitor`. `now` is in seconds since 1970.

    `again_since`: windows that ended after that moment and were recorded for what is served now are
    evaluated again, by what the manifest says today. `dry_run`: nothing is recorded or kept.
    """

    revision: str
    now: int
    models: tuple[str, ...] = ()
    again_since: int | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class MonitorContext:
    """What watching needs of the world; what costs seconds is opened when it is needed. Without
    `plots` nothing is drawn."""

    repository: Repository
    read: Callable[[Tree], Snapshot]
    ledger: Ledger
    runs: Callable[[], Runs]
    live: Callable[[], Live]
    profiling: Callable[[], Profiling]
    scoring: Callable[[], Scoring]
    labelling: Callable[[], Labelling]
    plots: Callable[[], Plots] | None = None


class MonitorOutcome(StrEnum):
    """How a model stands: by its newest window that says something, or why there is none."""

    STABLE = "stable"
    WARNING = "warning"
    DRIFT = "drift"
    BROKEN = "broken"
    INSUFFICIENT = "insufficient"
    WAITING = "waiting"
    """No window is over yet."""
    NOT_DEPLOYED = "not_deployed"
    """Nothing was ever promoted, so there is nothing to be held against."""
    FAILED = "failed"
    """It could not be looked at; nothing was recorded. Or its labels could not be read."""


STATES: dict[DriftStatus, MonitorOutcome] = {
    verdict: MonitorOutcome(verdict.value) for verdict in DriftStatus
}
NO = frozenset({MonitorOutcome.DRIFT, MonitorOutcome.BROKEN})


@dataclass(frozen=True, slots=True)
class MonitoredModel:
    """One model. `windows` and `performance` were recorded now; `overdue` is how many windows
    should have been looked at before this and were not; `champion` is its fingerprint; `recent` are
    the newest windows, oldest first, those recorded now among them, and `labelled` is the newest
    whose labels were judged. `picture` is where the ledger shows the newest window's columns before
    and after, "" where none moved."""

    model: str
    state: MonitorOutcome
    sentence: str
    champion: str | None = None
    windows: tuple[DriftReport, ...] = ()
    performance: tuple[PerformanceReport, ...] = ()
    overdue: int = 0
    recent: tuple[DriftReport, ...] = ()
    labelled: PerformanceReport | None = None
    picture: str = ""
    failure: errors.InterlockError | None = None


@dataclass(frozen=True, slots=True)
class MonitorResult:
    """In order of name; `now` in ISO 8601. `is_recorded` is false for what was only tried."""

    now: str
    models: tuple[MonitoredModel, ...]
    is_recorded: bool = True

    @property
    def failures(self) -> tuple[errors.InterlockError, ...]:
        return tuple(each.failure for each in self.models if each.failure is not None)

    @property
    def exit_code(self) -> int:
        """What could not be looked at weighs more than what drifts: nothing is known of it."""
        if self.failures:
            return errors.worst(failure.exit_code for failure in self.failures)
        drifts = any(each.state in NO for each in self.models)
        return errors.EXIT_NO if drifts else errors.EXIT_DONE
