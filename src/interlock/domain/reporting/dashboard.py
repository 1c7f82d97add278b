"""What is shown of the models in production, trouble first; no Markdown and no clock may enter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from interlock.domain.basics import figures
from interlock.domain.drift.status import DriftStatus
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model.evidence import Evidence
from interlock.domain.monitoring import drift_table
from interlock.domain.monitoring.monitoring_records import (
    Diagnosis,
    DriftReport,
    PerformanceReport,
    RetrainingRequest,
    RetrainingStep,
)
from interlock.domain.monitoring.windows import ScheduleStatus
from interlock.domain.promotion.hold import Hold
from interlock.domain.promotion.promotion import Promotion


class HealthStatus(StrEnum):
    """How a model stands, the gravest first; from CALM on nobody is needed."""

    BROKEN = "broken"
    DRIFT = "drift"
    STALLED = "stalled"
    """It is to be watched, and windows are overdue: a schedule has stopped."""
    UNSERVED = "unserved"
    HELD = "held"
    WARNING = "warning"
    CALM = "calm"


GLYPHS = {
    HealthStatus.BROKEN: drift_table.GLYPHS[DriftStatus.BROKEN],
    HealthStatus.DRIFT: drift_table.GLYPHS[DriftStatus.DRIFT],
    HealthStatus.STALLED: "🙈",
    HealthStatus.UNSERVED: "💤",
    HealthStatus.HELD: "📌",
    HealthStatus.WARNING: drift_table.GLYPHS[DriftStatus.WARNING],
    HealthStatus.CALM: drift_table.GLYPHS[DriftStatus.STABLE],
}
_ORDER = tuple(HealthStatus)
_NEEDS = _ORDER[: _ORDER.index(HealthStatus.UNSERVED)]
"""Where somebody has to do something; the others are as they were meant to be."""


@dataclass(frozen=True, slots=True)
class TotalCost:
    """What trainings cost, by currency; `unpriced` is how many of them had no rate."""

    amounts: Mapping[str, float] = field(default_factory=dict)
    unpriced: int = 0

    def __str__(self) -> str:
        """`0.42 EUR and 1.00 USD`, `no rate`, or a dash where nothing was trained."""
        parts = [f"{amount:,.2f} {unit}".strip() for unit, amount in sorted(self.amounts.items())]
        if self.unpriced:
            parts.append(f"{self.unpriced:,} without a rate" if parts else "no rate")
        return figures.listing(parts) or "–"


@dataclass(frozen=True, slots=True)
class DashboardFacts:
    """All that is known of one model. `windows` are the last that were looked at, oldest first,
    whatever was served then; `newest` and `performance` are of what is served now.

    `measured` is the primary metric beside that of `before`, the predecessor in production; `pull`
    the open retraining's number,
    `pulse` None where nobody asked for it to be watched.
    """

    model: str
    served: Promotion | None = None
    measured: Comparison | None = None
    before: Promotion | None = None
    hold: Hold | None = None
    windows: tuple[DriftStatus, ...] = ()
    newest: DriftReport | None = None
    performance: PerformanceReport | None = None
    pull: int | None = None
    last_seen: str = ""
    pulse: ScheduleStatus | None = None
    cost: TotalCost = TotalCost()

    @property
    def is_watched(self) -> bool:
        return self.pulse is not None


@dataclass(frozen=True, slots=True)
class DashboardLine:
    """One model; `sentence` says what there is to know of it, "" when that is nothing."""

    facts: DashboardFacts
    state: HealthStatus
    sentence: str

    @property
    def model(self) -> str:
        return self.facts.model


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Every model that can be shown, trouble first; `problems` say which cannot, and why, and
    `exit_code` is that of the worst of them."""

    lines: tuple[DashboardLine, ...]
    problems: tuple[str, ...] = ()
    exit_code: int = 0

    @property
    def needing(self) -> tuple[DashboardLine, ...]:
        return tuple(line for line in self.lines if line.state in _NEEDS)

    @property
    def told(self) -> tuple[DashboardLine, ...]:
        return tuple(line for line in self.lines if line.sentence)


def arrange(models: Iterable[DashboardFacts], *, problems: Iterable[str] = ()) -> Dashboard:
    """Return what is shown of all models."""
    lines = [_line(facts) for facts in models]
    lines.sort(key=lambda line: (_ORDER.index(line.state), line.model))
    return Dashboard(tuple(lines), tuple(problems))


def tally(dashboard: Dashboard) -> str:
    """`2 of 5 models need somebody: digits and wine.`, or that none does; and what is not shown."""
    hidden = figures.count(len(dashboard.problems), "problem")
    return f"{_tally(dashboard)} {hidden}, told below." if dashboard.problems else _tally(dashboard)


def _tally(dashboard: Dashboard) -> str:
    total, needing = len(dashboard.lines), dashboard.needing
    if not total:
        return "No model is shown."
    if not needing:
        return f"{figures.count(total, 'model')}, none of which needs anybody."
    verb = "needs" if len(needing) == 1 else "need"
    names = figures.listing([line.model for line in needing], most=5)
    return f"{len(needing):,} of {figures.count(total, 'model')} {verb} somebody: {names}."


def cost(evidence: Iterable[Evidence]) -> TotalCost:
    """Return what the trainings behind some evidence cost."""
    amounts: dict[str, float] = {}
    unpriced = 0
    for each in evidence:
        facts = each.candidate.facts
        if facts.cost is None:
            unpriced += 1
        else:
            amounts[facts.currency] = amounts.get(facts.currency, 0.0) + facts.cost
    return TotalCost(amounts, unpriced)


def open_pulls(requests: Iterable[RetrainingRequest]) -> tuple[int, ...]:
    """Return the pull requests that were opened and not closed again by us, the newest first;
    whether people have merged or closed them is not said here."""
    last: dict[int, RetrainingStep] = {}
    for request in sorted(requests, key=lambda each: each.at):
        if request.pull is not None:
            last[request.pull] = request.step
    return tuple(
        sorted((n for n, step in last.items() if step is not RetrainingStep.CLOSED), reverse=True)
    )


def _line(facts: DashboardFacts) -> DashboardLine:
    for state, find in _RULES:
        sentence = find(facts)
        if sentence is not None:
            return DashboardLine(facts, state, sentence)
    return DashboardLine(facts, HealthStatus.CALM, "")


def _diagnosis(facts: DashboardFacts, verdict: DriftStatus) -> Diagnosis | None:
    """Of the window, or of the labels that came for one, whichever has this verdict."""
    if facts.newest is not None and facts.newest.verdict is verdict:
        return facts.newest.diagnosis
    performance = facts.performance
    if performance is not None and performance.performance.verdict is verdict:
        return performance.diagnosis
    return None


def _said(verdict: DriftStatus) -> Callable[[DashboardFacts], str | None]:
    def find(facts: DashboardFacts) -> str | None:
        found = _diagnosis(facts, verdict)
        return None if found is None else drift_table.explains(found)

    return find


def _stalled(facts: DashboardFacts) -> str | None:
    if facts.served is None or facts.pulse is None or not facts.pulse.has_stopped:
        return None
    seen = "was never looked at"
    if facts.last_seen:
        seen = f"was last looked at {facts.last_seen[:16].replace('T', ' ')} UTC"
    return f"its live data {seen}, and windows are overdue: does the schedule still run?"


def _unserved(facts: DashboardFacts) -> str | None:
    return "nothing of it is served yet." if facts.served is None else None


def _held(facts: DashboardFacts) -> str | None:
    hold = facts.hold
    if hold is None:
        return None
    why = f": {hold.reason}" if hold.reason else ""
    return drift_table.ended(f"held by {hold.by} since {hold.at[:16].replace('T', ' ')}{why}")


_RULES: tuple[tuple[HealthStatus, Callable[[DashboardFacts], str | None]], ...] = (
    (HealthStatus.BROKEN, _said(DriftStatus.BROKEN)),
    (HealthStatus.DRIFT, _said(DriftStatus.DRIFT)),
    (HealthStatus.STALLED, _stalled),
    (HealthStatus.UNSERVED, _unserved),
    (HealthStatus.HELD, _held),
    (HealthStatus.WARNING, _said(DriftStatus.WARNING)),
)
