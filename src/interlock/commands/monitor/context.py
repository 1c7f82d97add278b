"""The options, ports and results of `monitor` in a repository."""

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
from interlock.ports.pictures import Pictures
from interlock.ports.plots import Plots
from interlock.ports.profiling import Profiling
from interlock.ports.runs import Runs
from interlock.ports.scoring import Scoring


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorOptions:
    """Empty `models` selects all models with a `monitor` section. `now` is in seconds since 1970.

    `reevaluate_since`: evaluate recorded windows of the current champion that ended after this time
    again, with the settings of the current manifest. `dry_run`: write nothing. `branch` has the
    policy.
    """

    revision: str
    now: int
    models: tuple[str, ...] = ()
    branch: str = "main"
    reevaluate_since: int | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorContext:
    """The ports of `monitor`; those that take seconds to open are functions. `timer` returns
    seconds that only differences have a meaning of. Without `plots` or
    `pictures` no histograms are drawn."""

    repository: Repository
    read: Callable[[Tree], Snapshot]
    ledger: Ledger
    runs: Callable[[], Runs]
    live: Callable[[], Live]
    profiling: Callable[[], Profiling]
    scoring: Callable[[], Scoring]
    labelling: Callable[[], Labelling]
    timer: Callable[[], float]
    plots: Callable[[], Plots] | None = None
    pictures: Pictures | None = None


class MonitorOutcome(StrEnum):
    """The state of a model: the verdict of its newest conclusive window, or why it has none."""

    STABLE = "stable"
    WARNING = "warning"
    DRIFT = "drift"
    BROKEN = "broken"
    INSUFFICIENT = "insufficient"
    WAITING = "waiting"
    """No window has ended yet."""
    NOT_DEPLOYED = "not_deployed"
    """The model was never promoted, so there is no reference."""
    FAILED = "failed"
    """The windows were not evaluated and not recorded, or the labels could not be read."""


STATES: dict[DriftStatus, MonitorOutcome] = {
    verdict: MonitorOutcome(verdict.value) for verdict in DriftStatus
}
NO = frozenset({MonitorOutcome.DRIFT, MonitorOutcome.BROKEN})


@dataclass(frozen=True, slots=True)
class MonitoredModel:
    """The result of one model.

    `windows` and `performance` are the records of this run, `recent` the newest windows including
    them, oldest first, and `labelled` the newest evaluated labels. `overdue` counts windows that
    earlier runs missed. `champion` is a fingerprint. `picture` is the path in the ledger of the
    newest window's histograms; it is empty if no column moved.
    """

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
    """The models by name; `now` is in ISO 8601. `is_recorded` is false after a dry run."""

    now: str
    models: tuple[MonitoredModel, ...]
    is_recorded: bool = True

    @property
    def failures(self) -> tuple[errors.InterlockError, ...]:
        return tuple(each.failure for each in self.models if each.failure is not None)

    @property
    def exit_code(self) -> int:
        """A failure is more important than drift: the state of that model is unknown."""
        if self.failures:
            return errors.worst(failure.exit_code for failure in self.failures)
        drifts = any(each.state in NO for each in self.models)
        return errors.EXIT_NO if drifts else errors.EXIT_DONE
