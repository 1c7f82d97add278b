"""The gates of a report: one row each, with its reason, and the gravest first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation.verdict import Comparison, Finding, Outcome
from interlock.domain.model.manifest import GateRule
from interlock.domain.reporting import status_rules
from interlock.domain.reporting.model_status import ModelStatus
from interlock.rendering import metrics, sections
from tests import report_cases as cases

DROP = GateRule("f1_macro", max_drop=0.005, against="champion")
RISE = GateRule("rmse", max_rise=1.0, against="champion")


def status(*findings: Finding) -> ModelStatus:
    facts = cases.evaluated(replace(cases.verdict(), findings=findings))
    (status_of_model,) = status_rules.report(cases.REQUEST, [facts]).models
    return status_of_model


def rows(*findings: Finding, variant: int = 0) -> list[str]:
    result = sections.gates(status(*findings))
    assert result is not None
    return result.variants[variant].split("\n")[2:]


def test_gates__one_row_each_and_the_gravest_first() -> None:
    result = [
        Finding(GateRule(f"m{n}", min=0.5), outcome, 0.5, "at least 0.5", "", reason=outcome)
        for n, outcome in enumerate(
            [Outcome.PASS, Outcome.SKIPPED, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.FAIL]
        )
    ]
    names = [row.split("`")[1] for row in rows(*result)]
    assert names == ["m2", "m4", "m3", "m0", "m1"]


def test_gates__in_little_room_keep_those_that_fail() -> None:
    passing = Finding(GateRule("good", min=0.5), Outcome.PASS, 0.9, "at least 0.5", "")
    failing = Finding(GateRule("bad", min=0.5), Outcome.FAIL, 0.1, "at least 0.5", "", reason="low")
    result = sections.gates(status(*(passing,) * 30, failing))
    assert result is not None
    shortest = result.variants[-2]
    assert "`bad`" in shortest
    assert "…and 26 more gates." in shortest


@pytest.mark.parametrize(
    ("finding", "observed", "result"),
    [
        (
            Finding(
                DROP, Outcome.PASS, 0.0, "", "", Interval(-0.001, 0.001, 0.95), reason=""
            ),
            "unchanged [−0.0010, +0.0010]",
            "✅\u00a0pass",
        ),
        (Finding(DROP, Outcome.PASS, 0.0, "", ""), "unchanged", "✅\u00a0pass"),
        (
            Finding(DROP, Outcome.FAIL, None, "", "", reason="cannot be compared: other rows"),
            "–",
            "❌\u00a0fail: cannot be compared: other rows",
        ),
        (
            Finding(
                DROP,
                Outcome.INCONCLUSIVE,
                -0.01,
                "",
                "",
                Interval(-0.11, -0.0049, 0.95),
                reason="the limit is within the interval",
            ),
            "−0.0100 [−0.1100, −0.0049]",
            "⚠️\u00a0inconclusive: the limit is within the interval",
        ),
        (
            Finding(RISE, Outcome.FAIL, 2.31, "", "", Interval(1.04, 5.5, 0.95), reason="beyond"),
            "+2.31 [+1.04, +5.50]",
            "❌\u00a0fail: beyond",
        ),
        (
            Finding(GateRule("accuracy", min=0.94, slice="stroke"), Outcome.FAIL, 0.93996, "", "",
                    reason="below the minimum", value="thick", values=4),
            "0.93996 in `thick`, the worst of 4",
            "❌\u00a0fail: below the minimum",
        ),
        (
            Finding(GateRule("accuracy", min=0.9, slice="stroke"), Outcome.PASS, 0.95, "", "",
                    value="a|b", values=1),
            "0.95 in `a∣b`",
            "✅\u00a0pass",
        ),
        (
            Finding(GateRule("rmse", max=60), Outcome.FAIL, 61.0, "", "rmse is 61, above 60"),
            "61",
            "❌\u00a0fail: rmse is 61, above 60",
        ),
    ],
)  # fmt: skip
def test_gate__says_what_was_observed_and_why(finding: Finding, observed: str, result: str) -> None:
    (row,) = rows(finding)
    assert row.split(" | ")[2:] == [observed, f"{result} |"]


def test_gate__names_the_positive_class() -> None:
    recall = GateRule("recall", min=0.8)
    result = Finding(recall, Outcome.FAIL, 0.0, "at least 0.8", "", positive="fr|aud")
    (row,) = rows(result)
    assert row.startswith("| `recall` of class <code>fr") or "of class `fr" in row
    assert "of class" not in rows(replace(result, positive=""))[0]


def test_metrics__name_the_positive_class_and_say_what_the_rows_can_tell() -> None:
    primary = "f1_macro"
    compared = Comparison(
        primary, 0.9, 0.905, -0.005, Interval(-0.02, 0.01, 0.95), rows=750, positive="fraud"
    )
    facts = cases.evaluated(replace(cases.verdict(), comparisons=(compared,)))
    (status_of_model,) = status_rules.report(cases.REQUEST, [facts]).models
    result = metrics.section(status_of_model)
    assert result is not None
    assert f"| `{primary}` of class `fraud` |" in result.variants[0]
    assert "with 750 rows, differences below about 0.015 cannot be resolved" in result.variants[0]
