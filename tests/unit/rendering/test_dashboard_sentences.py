"""Sentences of the dashboard: the headline, and the reason for each status."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interlock.domain.reporting import dashboard
from interlock.domain.reporting.dashboard import DashboardFacts, HealthStatus, TotalCost
from interlock.rendering import dashboard_sentences
from tests import dashboard_cases
from tests.dashboard_cases import healthy, shown


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("broken", "upstream data pipeline failed: income is missing in every row"),
        ("fallen", "(concept drift): f1_macro fell while no input moved. Retrain the model."),
        ("never-run", "live data was never evaluated and windows are overdue."),
        ("stopped", "live data was last evaluated 2030-11-05 06:00 UTC and windows are overdue."),
        ("not-deployed", "not deployed yet"),
        ("held", "held by octocat since 2030-11-01 12:00: broken camera."),
        ("watched", "no data drift. No action is needed."),
    ],
)
def test_sentence__has_the_reason_for_the_status(model: str, expected: str) -> None:
    sentences = {line.model: dashboard_sentences.sentence(line) for line in shown().lines}
    assert expected in sentences[model]


def test_sentence__of_a_healthy_model_is_empty() -> None:
    (line,) = shown(healthy("digits")).lines
    assert dashboard_sentences.sentence(line) == ""


def test_hold__without_a_reason() -> None:
    facts = dashboard_cases.held()
    assert facts.hold is not None
    (line,) = shown(replace(facts, hold=replace(facts.hold, reason=""))).lines
    assert dashboard_sentences.sentence(line) == "held by octocat since 2030-11-01 12:00."


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        ((), "No models."),
        ((healthy("a"),), "1 model healthy."),
        ((healthy("a"), healthy("b")), "All 2 models healthy."),
        ((dashboard_cases.drifting("a"),), "1 of 1 model needs attention: a."),
        (
            tuple(dashboard_cases.drifting(name) for name in "abcdefg"),
            "7 of 7 models need attention: a, b, c, d, e and 2 more.",
        ),
        ((healthy("a"), dashboard_cases.held("b")), "1 of 2 models healthy, none needs attention."),
    ],
)
def test_headline__names_models_that_need_attention(
    models: tuple[DashboardFacts, ...], expected: str
) -> None:
    assert dashboard_sentences.headline(dashboard.arrange(models)) == expected


def test_headline__counts_problems() -> None:
    arranged = dashboard.arrange((healthy("a"),), problems=("one", "other"))
    assert dashboard_sentences.headline(arranged) == "1 model healthy. 2 problems, see below."


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        (TotalCost(), "–"),
        (TotalCost({}, 3), "no rate"),
        (TotalCost({"": 2.0}), "2.00"),
        (TotalCost({"EUR": 0}), "0.00 EUR"),
        (TotalCost({"USD": 1.0, "EUR": 0.75}, 1), "0.75 EUR, 1.00 USD and 1 without a rate"),
    ],
)
def test_cost__by_currency(cost: TotalCost, expected: str) -> None:
    assert dashboard_sentences.cost(cost) == expected


def test_glyphs__for_every_status() -> None:
    assert set(dashboard_sentences.GLYPHS) == set(HealthStatus)
