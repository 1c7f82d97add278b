"""Sentences of the dashboard: for the issue, the command line and the document."""

from __future__ import annotations

from typing import assert_never

from interlock.domain.basics import figures
from interlock.domain.drift.status import DriftStatus
from interlock.domain.promotion.hold import Hold
from interlock.domain.reporting.dashboard import (
    Dashboard,
    DashboardFacts,
    DashboardLine,
    HealthStatus,
    TotalCost,
)
from interlock.rendering import drift_sentences

GLYPHS = {
    HealthStatus.BROKEN: drift_sentences.GLYPHS[DriftStatus.BROKEN],
    HealthStatus.DRIFT: drift_sentences.GLYPHS[DriftStatus.DRIFT],
    HealthStatus.MONITORING_STOPPED: "🙈",
    HealthStatus.NOT_DEPLOYED: "💤",
    HealthStatus.ON_HOLD: "📌",
    HealthStatus.WARNING: drift_sentences.GLYPHS[DriftStatus.WARNING],
    HealthStatus.HEALTHY: drift_sentences.GLYPHS[DriftStatus.STABLE],
}


def headline(shown: Dashboard) -> str:
    """`2 of 5 models need attention: digits and wine.`, or `All 5 models healthy.`"""
    problems = figures.count(len(shown.problems), "problem")
    return f"{_tally(shown)} {problems}, see below." if shown.problems else _tally(shown)


def _tally(shown: Dashboard) -> str:
    total, needing = len(shown.lines), shown.needing_attention
    if not total:
        return "No models."
    if not needing:
        return _without_attention(total, healthy=total - len(shown.not_healthy))
    verb = "needs" if len(needing) == 1 else "need"
    names = figures.listing([line.model for line in needing], most=5)
    return f"{len(needing):,} of {figures.count(total, 'model')} {verb} attention: {names}."


def _without_attention(total: int, *, healthy: int) -> str:
    if healthy < total:
        return f"{healthy:,} of {figures.count(total, 'model')} healthy, none needs attention."
    return f"All {total:,} models healthy." if total > 1 else "1 model healthy."


def sentence(line: DashboardLine) -> str:
    """The reason for the status of a model, "" for a healthy one."""
    match line.status:
        case HealthStatus.BROKEN | HealthStatus.DRIFT | HealthStatus.WARNING:
            return drift_sentences.explanation(line.diagnosis) if line.diagnosis else ""
        case HealthStatus.MONITORING_STOPPED:
            return _monitoring_stopped(line.facts)
        case HealthStatus.NOT_DEPLOYED:
            return "not deployed yet"
        case HealthStatus.ON_HOLD:
            return _on_hold(line.facts.hold) if line.facts.hold else ""
        case HealthStatus.HEALTHY:
            return ""
        case _:
            assert_never(line.status)


def _monitoring_stopped(facts: DashboardFacts) -> str:
    last = "never evaluated"
    if facts.evaluated_at:
        last = f"last evaluated {_minutes(facts.evaluated_at)} UTC"
    return f"live data was {last} and windows are overdue. Check the monitoring schedule."


def _on_hold(hold: Hold) -> str:
    reason = f": {hold.reason}" if hold.reason else ""
    return drift_sentences.with_full_stop(f"held by {hold.by} since {_minutes(hold.at)}{reason}")


def _minutes(at: str) -> str:
    return at[:16].replace("T", " ")


def cost(total: TotalCost) -> str:
    """`0.42 EUR and 1.00 USD`, `no rate`, or a dash without a training run."""
    parts = [f"{amount:,.2f} {unit}".strip() for unit, amount in sorted(total.amounts.items())]
    if total.unpriced:
        parts.append(f"{total.unpriced:,} without a rate" if parts else "no rate")
    return figures.listing(parts) or "–"
