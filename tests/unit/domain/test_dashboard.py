"""What is shown of models in production: the state of each, and trouble first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring.monitoring_records import Cause, RetrainingRequest, RetrainingStep
from interlock.domain.reporting import dashboard
from interlock.domain.reporting.dashboard import DashboardFacts, HealthStatus, TotalCost
from tests import dashboard_cases, drift_cases, report_cases
from tests.dashboard_cases import calm, shown


def test_arrange__trouble_first_then_by_name() -> None:
    found = [(line.model, line.state) for line in shown().lines]
    assert found == [
        ("broken", HealthStatus.BROKEN),
        ("drifting", HealthStatus.DRIFT),
        ("fallen", HealthStatus.DRIFT),
        ("never-run", HealthStatus.STALLED),
        ("stopped", HealthStatus.STALLED),
        ("unserved", HealthStatus.UNSERVED),
        ("held", HealthStatus.HELD),
        ("watched", HealthStatus.WARNING),
        ("calm", HealthStatus.CALM),
        ("new", HealthStatus.CALM),
        ("unwatched", HealthStatus.CALM),
    ]
    assert [line.model for line in shown().needing] == [name for name, _ in found[:5]]
    assert [line.model for line in shown().told] == [name for name, _ in found[:8]]


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("broken", "what feeds it is broken: income is missing in every row"),
        ("fallen", "(concept drift): f1_macro fell while no input moved. Retrain it."),
        ("never-run", "its live data was never looked at, and windows are overdue"),
        ("stopped", "its live data was last looked at 2030-11-05 06:00 UTC"),
        ("held", "held by octocat since 2030-11-01 12:00: broken camera."),
        ("watched", "live data looks as before. Nothing to do."),
        ("calm", ""),
    ],
)
def test_sentence__says_what_there_is_to_know(model: str, said: str) -> None:
    sentences = {line.model: line.sentence for line in shown().lines}
    assert said in sentences[model]


def test_hold__without_a_reason() -> None:
    facts = dashboard_cases.held()
    assert facts.hold is not None
    (line,) = shown(replace(facts, hold=replace(facts.hold, reason=""))).lines
    assert line.sentence == "held by octocat since 2030-11-01 12:00."


def test_performance__that_holds_is_no_trouble() -> None:
    facts = dashboard_cases.fallen()
    assert facts.performance is not None
    fine = replace(facts.performance.performance, verdict=DriftStatus.STABLE)
    line = shown(replace(facts, performance=replace(facts.performance, performance=fine))).lines[0]
    assert line.state is HealthStatus.CALM


def test_unserved_model__is_not_overdue() -> None:
    (line,) = shown(DashboardFacts("digits", pulse=dashboard_cases.STOPPED)).lines
    assert line.state is HealthStatus.UNSERVED


@pytest.mark.parametrize(
    ("models", "said"),
    [
        ((), "No model is shown."),
        ((calm("a"),), "1 model, none of which needs anybody."),
        ((dashboard_cases.drifting("a"),), "1 of 1 model needs somebody: a."),
        (
            tuple(dashboard_cases.drifting(name) for name in "abcdefg"),
            "7 of 7 models need somebody: a, b, c, d, e and 2 more.",
        ),
    ],
)
def test_tally__names_who_needs_somebody(models: tuple[DashboardFacts, ...], said: str) -> None:
    assert dashboard.tally(dashboard.arrange(models)) == said


def test_tally__says_that_not_all_is_shown() -> None:
    found = dashboard.arrange((calm("a"),), problems=("one", "other"))
    assert dashboard.tally(found) == "1 model, none of which needs anybody. 2 problems, told below."


def test_cost__by_currency() -> None:
    evidence = report_cases.evidence()
    facts = evidence.candidate.facts

    def at(cost: float | None, currency: str = "") -> object:
        changed = replace(facts, cost=cost, currency=currency)
        return replace(evidence, candidate=replace(evidence.candidate, facts=changed))

    every = [at(1.0, "USD"), at(0.25, "EUR"), at(0.5, "EUR"), at(None)]
    found = dashboard.cost(every)  # type: ignore[arg-type]
    assert found == TotalCost({"USD": 1.0, "EUR": 0.75}, unpriced=1)
    assert str(found) == "0.75 EUR, 1.00 USD and 1 without a rate"


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        (TotalCost(), "–"),
        (TotalCost({}, 3), "no rate"),
        (TotalCost({"": 2.0}), "2.00"),
        (TotalCost({"EUR": 0}), "0.00 EUR"),
    ],
)
def test_cost__in_words(cost: TotalCost, said: str) -> None:
    assert str(cost) == said


def request(pull: int | None, step: RetrainingStep, *, hour: int) -> RetrainingRequest:
    return RetrainingRequest(
        model="digits",
        cause=Cause.COVARIATE_SHIFT,
        window_end="2030-11-05T00:00:00Z",
        reference=drift_cases.CHAMPION,
        severity=0.4,
        branch="interlock/retrain/digits",
        step=step,
        at=f"2030-11-05T{hour:02d}:00:00Z",
        sentence="",
        pull=pull,
    )


def test_open_pulls__are_those_that_were_not_closed_since() -> None:
    requests = (
        request(8, RetrainingStep.CLOSED, hour=5),
        request(8, RetrainingStep.OPENED, hour=4),
        request(None, RetrainingStep.OPENED, hour=6),
        request(9, RetrainingStep.OPENED, hour=6),
        request(12, RetrainingStep.OPENED, hour=7),
        request(9, RetrainingStep.UPDATED, hour=8),
    )
    assert dashboard.open_pulls(requests) == (12, 9)


def test_glyphs__for_every_state() -> None:
    assert set(dashboard.GLYPHS) == set(HealthStatus)
