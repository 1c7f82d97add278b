"""The status of each model in production, the worst first."""

from __future__ import annotations

from dataclasses import replace

from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring.monitoring_records import RetrainingStep
from interlock.domain.reporting import dashboard
from interlock.domain.reporting.dashboard import DashboardFacts, HealthStatus, TotalCost
from tests import dashboard_cases, report_cases
from tests.dashboard_cases import shown


def test_arrange__worst_status_first_then_by_name() -> None:
    statuses = [(line.model, line.status) for line in shown().lines]
    assert statuses == [
        ("broken", HealthStatus.BROKEN),
        ("drifting", HealthStatus.DRIFT),
        ("fallen", HealthStatus.DRIFT),
        ("never-run", HealthStatus.MONITORING_STOPPED),
        ("stopped", HealthStatus.MONITORING_STOPPED),
        ("not-deployed", HealthStatus.NOT_DEPLOYED),
        ("held", HealthStatus.ON_HOLD),
        ("watched", HealthStatus.WARNING),
        ("healthy", HealthStatus.HEALTHY),
        ("new", HealthStatus.HEALTHY),
        ("not-monitored", HealthStatus.HEALTHY),
    ]
    assert [line.model for line in shown().needing_attention] == [name for name, _ in statuses[:5]]
    assert [line.model for line in shown().not_healthy] == [name for name, _ in statuses[:8]]


def test_stable_performance__is_healthy() -> None:
    facts = dashboard_cases.fallen()
    assert facts.performance is not None
    fine = replace(facts.performance.performance, verdict=DriftStatus.STABLE)
    line = shown(replace(facts, performance=replace(facts.performance, performance=fine))).lines[0]
    assert line.status is HealthStatus.HEALTHY


def test_not_deployed_model__is_not_overdue() -> None:
    (line,) = shown(DashboardFacts("digits", monitoring=dashboard_cases.STOPPED)).lines
    assert line.status is HealthStatus.NOT_DEPLOYED


def test_cost__by_currency() -> None:
    evidence = report_cases.evidence()
    facts = evidence.candidate.facts

    def at(cost: float | None, currency: str = "") -> object:
        changed = replace(facts, cost=cost, currency=currency)
        return replace(evidence, candidate=replace(evidence.candidate, facts=changed))

    every = [at(1.0, "USD"), at(0.25, "EUR"), at(0.5, "EUR"), at(None)]
    total_cost = dashboard.cost(every)  # type: ignore[arg-type]
    assert total_cost == TotalCost({"USD": 1.0, "EUR": 0.75}, unpriced=1)


def test_open_pulls__are_not_closed_later() -> None:
    steps = (
        (8, RetrainingStep.OPENED),
        (8, RetrainingStep.CLOSED),
        (None, RetrainingStep.OPENED),
        (9, RetrainingStep.OPENED),
        (12, RetrainingStep.OPENED),
        (9, RetrainingStep.UPDATED),
    )
    assert dashboard.open_pulls(steps) == (12, 9)
