"""Gates on the pipeline's own metrics: no interval, a direction, and no pass without a number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interlock.domain.evaluation import (
    gates,
    metric_comparison,
    pipeline_metrics,
    relaxed_gates,
    rule_changes,
    verdict_consistency,
)
from interlock.domain.evaluation.metric_comparison import Direction
from interlock.domain.evaluation.verdict import Comparison, Finding, Outcome
from interlock.domain.model.column_map import ColumnMap
from interlock.domain.model.evidence import Rows
from interlock.domain.model.manifest import Better, GateRule, Outputs, PredictionsOutput
from interlock.domain.model.policy import OnInconclusive
from interlock.domain.promotion import predecessor
from interlock.domain.promotion.predecessor import ModelEvidence
from tests import report_cases
from tests.unit.domain.test_gates_key import MANIFEST

DROP = GateRule("dvc:f1", max_drop=0.01, against="champion")
RISE = GateRule("dvc:loss", max_rise=0.01, against="champion")


def finding(rule: GateRule, mine: float | None, theirs: float | None) -> Finding:
    moved = None if mine is None or theirs is None else mine - theirs
    problem = "" if moved is not None else "the champion has no such number"
    row = Comparison(rule.metric, mine, theirs, moved, problem=problem)
    (result,) = gates.evaluate(
        [rule], comparisons={0.95: [row]}, skip="", on_inconclusive=OnInconclusive.PASS
    )
    return result


@pytest.mark.parametrize(
    ("rule", "mine", "theirs", "outcome"),
    [
        (DROP, 0.895, 0.9, Outcome.PASS),
        (DROP, 0.95, 0.9, Outcome.PASS),
        (DROP, 0.875, 0.9, Outcome.FAIL),
        (RISE, 0.5, 0.9, Outcome.PASS),
        (RISE, 0.92, 0.9, Outcome.FAIL),
        (DROP, None, 0.9, Outcome.FAIL),
        (DROP, float("nan"), 0.9, Outcome.FAIL),
        (DROP, 0.9, None, Outcome.FAIL),
        (DROP, 0.9, float("nan"), Outcome.FAIL),
    ],
)
def test_gate__compares_the_difference_itself(
    rule: GateRule, mine: float | None, theirs: float | None, outcome: Outcome
) -> None:
    judged = finding(rule, mine, theirs)
    assert judged.outcome is outcome
    assert judged.interval is None
    is_compared = judged.observed is not None
    assert ("without an interval" in judged.sentence) == is_compared


def test_gate__of_rows_without_an_interval_does_not_pass() -> None:
    rule = replace(DROP, metric="f1_macro")
    assert finding(rule, 0.9, 0.9).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(("observed", "is_flawed"), [(-0.005, False), (-0.5, True)])
def test_verdict__that_passes_a_difference_beyond_the_limit_is_refused(
    observed: float, is_flawed: bool
) -> None:
    passed = Finding(DROP, Outcome.PASS, observed, "", "")
    verdict = replace(report_cases.verdict(), findings=(passed,), outcome=Outcome.PASS)
    flaw = verdict_consistency.flaw(verdict, rules=[DROP], is_rollback=False)
    assert (flaw is not None) == is_flawed
    rise = Finding(RISE, Outcome.PASS, 0.5, "", "")
    assert verdict_consistency.flaw(
        replace(verdict, findings=(rise,)), rules=[RISE], is_rollback=False
    )


def test_direction__is_that_of_the_first_gate_with_one() -> None:
    rules = [
        GateRule("dvc:f1", min=0.5),
        DROP,
        RISE,
        GateRule("dvc:seconds", max=5, better=Better.SMALLER),
        GateRule("accuracy", max_drop=0.1, against="champion"),
        GateRule("dvc:none"),
    ]
    assert pipeline_metrics.directions(rules) == {
        "dvc:f1": Better.GREATER,
        "dvc:loss": Better.SMALLER,
        "dvc:seconds": Better.SMALLER,
    }


@pytest.mark.parametrize(
    ("better", "moved", "direction"),
    [
        (Better.GREATER, 0.1, Direction.BETTER),
        (Better.GREATER, -0.1, Direction.WORSE),
        (Better.SMALLER, 0.1, Direction.WORSE),
        (None, 0.1, Direction.HIGHER),
    ],
)
def test_change__follows_the_direction(
    better: Better | None, moved: float, direction: Direction
) -> None:
    row = Comparison("dvc:f1", 0.9, 0.9 - moved, moved, better=better)
    assert metric_comparison.change(row) is direction


def test_other_columns__are_a_change_of_the_rules_and_named() -> None:
    pin = PredictionsOutput("p.csv", ColumnMap(("pin", "day"), "price", scores=(("a", "p_a"),)))
    after = replace(MANIFEST, outputs=Outputs("m", pin))
    (change,) = rule_changes.differences(MANIFEST, after)
    text = "id pin + day, target price, prediction prediction, score_a p_a"
    assert change.sentence.endswith(f" to {text}")
    (relaxed,) = relaxed_gates.find(MANIFEST, after)
    assert relaxed.startswith("columns of p.csv changed from id, target, prediction to id pin")
    numbered = replace(MANIFEST, outputs=Outputs("m", PredictionsOutput("p.csv", ColumnMap(()))))
    assert "id row number" in rule_changes.differences(MANIFEST, numbered)[0].sentence


def test_predictions_that_go__are_a_relaxation() -> None:
    after = replace(MANIFEST, outputs=Outputs("m"), task=None)
    sentences = relaxed_gates.find(MANIFEST, after)
    assert "task changed from multiclass to none" in sentences
    assert any(text.startswith("outputs.predictions removed") for text in sentences)
    assert {change.name for change in rule_changes.differences(MANIFEST, after)} == {
        "task",
        "outputs.predictions",
    }
    added = rule_changes.differences(after, MANIFEST)
    assert added[0].sentence == "task changed from none to multiclass"
    assert not [text for text in relaxed_gates.find(after, MANIFEST) if "removed" in text]


def test_rule__names_its_direction() -> None:
    text = rule_changes.describe(GateRule("dvc:f1", min=0.5, better=Better.GREATER))
    assert text == "dvc:f1 min 0.5 better greater"


@pytest.mark.parametrize(
    ("metric", "mine", "theirs", "is_compared"),
    [
        ("dvc:f1", None, None, True),
        ("f1", None, None, False),
        ("dvc:f1", Rows(1, "0" * 64), None, False),
        ("f1", Rows(1, "0" * 64), Rows(1, "0" * 64), True),
        ("f1", Rows(1, "0" * 64), Rows(1, "1" * 64), False),
    ],
)
def test_predecessor__without_rows_compares_only_the_pipelines_metrics(
    metric: str, mine: Rows | None, theirs: Rows | None, is_compared: bool
) -> None:
    one, other = (
        replace(report_cases.evidence(), rows=rows, scores={metric: value})
        for rows, value in ((mine, 0.9), (theirs, 0.8))
    )
    champion, before = ModelEvidence("a" * 64, one), ModelEvidence("b" * 64, other)
    row = predecessor.compare(metric, champion=champion, before=before)
    assert row is not None
    assert (row.champion == 0.8) == is_compared
