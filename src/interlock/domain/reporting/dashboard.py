"""Arrange the models in production for the dashboard, problems first. No text and no clock here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from interlock.domain.drift.status import DriftStatus
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model.evidence import Evidence
from interlock.domain.monitoring.monitoring_records import (
    Diagnosis,
    DriftReport,
    PerformanceReport,
    RetrainingStep,
)
from interlock.domain.monitoring.windows import ScheduleStatus
from interlock.domain.promotion.hold import Hold
from interlock.domain.promotion.promotion import Promotion


class HealthStatus(StrEnum):
    """Health of a model, the worst first. The first three need attention."""

    BROKEN = "broken"
    """The upstream data pipeline failed."""
    DRIFT = "drift"
    MONITORING_STOPPED = "monitoring_stopped"
    """Windows are overdue: the schedule of the monitoring does not run."""
    NOT_DEPLOYED = "not_deployed"
    ON_HOLD = "on_hold"
    WARNING = "warning"
    HEALTHY = "healthy"


_ORDER = tuple(HealthStatus)
_NEED_ATTENTION = _ORDER[: _ORDER.index(HealthStatus.NOT_DEPLOYED)]
_STATUS_OF = {
    DriftStatus.BROKEN: HealthStatus.BROKEN,
    DriftStatus.DRIFT: HealthStatus.DRIFT,
    DriftStatus.WARNING: HealthStatus.WARNING,
}


@dataclass(frozen=True, slots=True)
class TotalCost:
    """Cost of training runs by currency; `unpriced` counts the runs without a rate."""

    amounts: Mapping[str, float] = field(default_factory=dict)
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class DashboardFacts:
    """The known facts of one model.

    `windows` are the last evaluated windows, oldest first, of any version; `newest` and
    `performance` are of the production model. `primary_metric` compares it with `previous`, the
    production model before. `pull` is the number of the open retraining pull request,
    `evaluated_at` the time of the last evaluation of live data. `monitoring` is None without
    monitoring.
    """

    model: str
    production: Promotion | None = None
    primary_metric: Comparison | None = None
    previous: Promotion | None = None
    hold: Hold | None = None
    windows: tuple[DriftStatus, ...] = ()
    newest: DriftReport | None = None
    performance: PerformanceReport | None = None
    pull: int | None = None
    evaluated_at: str = ""
    monitoring: ScheduleStatus | None = None
    cost: TotalCost = TotalCost()


@dataclass(frozen=True, slots=True)
class DashboardLine:
    """One model; `diagnosis` explains a status that comes from live data."""

    facts: DashboardFacts
    status: HealthStatus
    diagnosis: Diagnosis | None = None

    @property
    def model(self) -> str:
        return self.facts.model


@dataclass(frozen=True, slots=True)
class Dashboard:
    """All models that can be read, the worst first. `problems` are the reasons why others cannot;
    `exit_code` is that of the worst problem."""

    lines: tuple[DashboardLine, ...]
    problems: tuple[str, ...] = ()
    exit_code: int = 0

    @property
    def needing_attention(self) -> tuple[DashboardLine, ...]:
        return tuple(line for line in self.lines if line.status in _NEED_ATTENTION)

    @property
    def not_healthy(self) -> tuple[DashboardLine, ...]:
        return tuple(line for line in self.lines if line.status is not HealthStatus.HEALTHY)


def arrange(models: Iterable[DashboardFacts], *, problems: Iterable[str] = ()) -> Dashboard:
    """Return the dashboard of all models."""
    lines = [_line(facts) for facts in models]
    lines.sort(key=lambda line: (_ORDER.index(line.status), line.model))
    return Dashboard(tuple(lines), tuple(problems))


def cost(evidence: Iterable[Evidence]) -> TotalCost:
    """Return the cost of the training runs behind some evidence."""
    amounts: dict[str, float] = {}
    unpriced = 0
    for each in evidence:
        facts = each.candidate.facts
        if facts.cost is None:
            unpriced += 1
        else:
            amounts[facts.currency] = amounts.get(facts.currency, 0.0) + facts.cost
    return TotalCost(amounts, unpriced)


def open_pulls(steps: Iterable[tuple[int | None, RetrainingStep]]) -> tuple[int, ...]:
    """Return the retraining pull requests that Interlock has not closed, the newest first. Users
    may have merged or closed them. `steps` are the numbers with their steps, oldest first."""
    last = {number: step for number, step in steps if number is not None}
    return tuple(
        sorted((n for n, step in last.items() if step is not RetrainingStep.CLOSED), reverse=True)
    )


def _line(facts: DashboardFacts) -> DashboardLine:
    candidates = [line for line in (_of_live_data(facts), _of_promotion(facts)) if line is not None]
    healthy = DashboardLine(facts, HealthStatus.HEALTHY)
    return min(candidates, key=lambda line: _ORDER.index(line.status), default=healthy)


def _of_live_data(facts: DashboardFacts) -> DashboardLine | None:
    """The worse status of the newest window and of the performance in the newest labelled one."""
    diagnoses: list[tuple[DriftStatus, Diagnosis]] = []
    if facts.newest is not None:
        diagnoses.append((facts.newest.verdict, facts.newest.diagnosis))
    if facts.performance is not None:
        diagnoses.append((facts.performance.performance.verdict, facts.performance.diagnosis))
    lines = [
        DashboardLine(facts, _STATUS_OF[verdict], diagnosis)
        for verdict, diagnosis in diagnoses
        if verdict in _STATUS_OF
    ]
    return min(lines, key=lambda line: _ORDER.index(line.status), default=None)


def _of_promotion(facts: DashboardFacts) -> DashboardLine | None:
    if facts.production is None:
        return DashboardLine(facts, HealthStatus.NOT_DEPLOYED)
    if facts.monitoring is not None and facts.monitoring.has_stopped:
        return DashboardLine(facts, HealthStatus.MONITORING_STOPPED)
    return None if facts.hold is None else DashboardLine(facts, HealthStatus.ON_HOLD)
