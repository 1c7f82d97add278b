"""Every number that is known of a candidate, the pipeline's own too, in the order people ask."""

from __future__ import annotations

from dataclasses import replace

from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.reporting import metric_table, status_rules
from interlock.domain.reporting.model_status import ModelFacts, ModelStatus
from tests import report_cases as cases
from tests.report_cases import OLD, REQUEST


def only(facts: ModelFacts) -> ModelStatus:
    (status,) = status_rules.report(REQUEST, [facts]).models
    return status


def own(
    facts: ModelFacts, mine: dict[str, float], theirs: dict[str, float] | None = None
) -> ModelFacts:
    """The facts with these numbers in the pipelines' own metrics files."""
    assert facts.evidence is not None
    evidence = replace(facts.evidence, candidate=replace(facts.evidence.candidate, metrics=mine))
    if theirs is None:
        return replace(facts, evidence=evidence)
    rival = facts.champions[OLD]
    champion = replace(rival, candidate=replace(rival.candidate, metrics=theirs))
    return replace(facts, evidence=evidence, champions={OLD: champion})


def test_overall__the_primary_first_then_what_gates_name_then_the_rest() -> None:
    names = [row.metric for row in metric_table.overall(only(cases.evaluated(cases.verdict())))]
    assert names == [
        "f1_macro",
        "accuracy",
        "model_size_mb",
        "log_loss",
        "dvc:fit.iterations",
        "dvc:fit.seconds",
    ]


def test_overall__has_the_pipelines_own_numbers_of_both() -> None:
    facts = own(
        cases.evaluated(cases.verdict()), {"auc": 0.5, "new": 2.0}, {"auc": 0.4, "old": 3.0}
    )
    rows = {row.metric: row for row in metric_table.overall(only(facts))}
    both = rows["dvc:auc"]
    assert (both.candidate, both.champion, both.difference) == (0.5, 0.4, 0.5 - 0.4)
    assert (rows["dvc:new"].candidate, rows["dvc:new"].champion) == (2.0, None)
    assert rows["dvc:new"].problem == "the champion has no dvc:new"
    assert (rows["dvc:old"].candidate, rows["dvc:old"].champion) == (None, 3.0)


def test_overall__says_once_what_a_gate_has_judged() -> None:
    verdict = cases.verdict()
    judged = Comparison("dvc:auc", 0.5, 0.4, 0.1)
    facts = own(
        cases.evaluated(replace(verdict, comparisons=(*verdict.comparisons, judged))),
        {"auc": 0.5},
    )
    rows = [r for r in metric_table.overall(only(facts)) if r.metric == "dvc:auc"]
    assert rows == [judged]


def test_overall__without_a_champion_has_the_candidates_alone() -> None:
    rows = metric_table.overall(only(own(cases.first(), {"auc": 0.5})))
    assert rows[-1] == Comparison("dvc:auc", 0.5)
    assert {row.champion for row in rows} == {None}


def test_overall__without_a_verdict_is_what_the_evidence_scored() -> None:
    facts = replace(own(cases.evaluated(cases.verdict()), {"auc": 0.5}, {}), verdicts=())
    status = only(facts)
    assert [(row.metric, row.candidate) for row in metric_table.overall(status)] == [
        ("f1_macro", 0.985),
        ("accuracy", 0.987),
        ("dvc:auc", 0.5),
    ]
    assert metric_table.sliced(status) == ()


def test_overall__before_the_training_is_nothing() -> None:
    assert metric_table.overall(only(cases.facts())) == ()


def test_overall__of_a_manifest_that_is_gone_keeps_the_order_of_metrics() -> None:
    status = only(replace(cases.evaluated(cases.verdict()), manifest=None, verdicts=()))
    assert [row.metric for row in metric_table.overall(status)][:2] == ["accuracy", "f1_macro"]


def test_sliced__is_each_value_of_each_slice() -> None:
    rows = metric_table.sliced(only(cases.evaluated(cases.verdict())))
    assert [(row.slice, row.value) for row in rows] == [("stroke", "thick"), ("stroke", "thin")]
