"""Which comparisons a verdict shows."""

from __future__ import annotations

from dataclasses import replace

from interlock.domain.evaluation import model_evaluation
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model.manifest import Evaluation, GateRule, Task
from tests import report_cases, scored_case


def test_verdict__shows_a_metric_without_a_number_only_if_the_manifest_names_it() -> None:
    declared = replace(
        report_cases.manifest(),
        task=Task.SCORED,
        evaluation=Evaluation("exact_match", metrics=scored_case.METRICS),
        gates=(GateRule("exact_match", min=0.5, line=3),),
    )
    compared = (
        Comparison("exact_match", 0.7, 0.7, 0.0),
        Comparison("cost_usd", None, 3.0, problem="is undefined on these rows"),
        Comparison("roc_auc", None, None, problem="needs the columns score_<class>"),
    )
    case = scored_case.evaluation_case(declared)
    verdict = model_evaluation.verdict(case, {0.95: compared}, pictures={})
    assert [each.metric for each in verdict.comparisons] == ["exact_match", "cost_usd"]
