"""A verdict that contradicts its own findings, or whose findings are not the gates', is none."""

from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation import gates, verdict_consistency
from interlock.domain.evaluation.verdict import Comparison, Finding, Outcome, Verdict
from interlock.domain.model.manifest import GateRule
from interlock.domain.model.policy import OnInconclusive

FLOOR = GateRule("f1_macro", min=0.9)
CEILING = GateRule("model_mb", max=5.0)
DROP = GateRule("f1_macro", max_drop=0.01, against="champion")
SLICED = GateRule("f1_macro", min=0.9, slice="region")
RECENT = GateRule("f1_macro", min=0.9, slice="recent")
RULES = (FLOOR, CEILING, DROP)
CHAMPION = "c" * 64


def finding(rule: GateRule, outcome: Outcome, observed: float | None) -> Finding:
    return Finding(rule, outcome, observed, "", "")


def verdict(
    *findings: Finding, outcome: Outcome = Outcome.PASS, champion: str | None = CHAMPION
) -> Verdict:
    return Verdict("k" * 64, "digits", "f" * 64, "r" * 40, outcome, "", findings, (), champion)


PASSED = (
    finding(FLOOR, Outcome.PASS, 0.95),
    finding(CEILING, Outcome.PASS, 4.0),
    finding(DROP, Outcome.PASS, 0.01),
)


def flaw(
    checked: Verdict, *, rules: tuple[GateRule, ...] | None = RULES, is_rollback: bool = False
) -> str:
    refusal = verdict_consistency.flaw(checked, rules=rules, is_rollback=is_rollback)
    return "" if refusal is None else refusal.reason


def test_whole() -> None:
    assert flaw(verdict(*PASSED)) == ""
    assert flaw(verdict(*reversed(PASSED))) == ""
    moved = tuple(dataclasses.replace(rule, line=9) for rule in RULES)
    assert flaw(verdict(*PASSED), rules=moved) == ""


@pytest.mark.parametrize(
    "findings",
    [PASSED[:2], (*PASSED, PASSED[0]), (*PASSED[:2], finding(SLICED, Outcome.PASS, 0.95)), ()],
)
def test_findings_that_are_not_the_gates(findings: tuple[Finding, ...]) -> None:
    assert "not those of the manifest's gates" in flaw(verdict(*findings))


def test_a_gate_that_was_loosened_in_the_record() -> None:
    loose = dataclasses.replace(FLOOR, min=0.1)
    loosened = verdict(finding(loose, Outcome.PASS, 0.2), *PASSED[1:])
    assert "not those of the manifest's gates" in flaw(loosened)


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.INCONCLUSIVE, Outcome.SKIPPED])
def test_an_outcome_that_its_findings_do_not_add_up_to(outcome: Outcome) -> None:
    failed = finding(FLOOR, Outcome.FAIL, 0.5)
    relabelled = verdict(failed, *PASSED[1:], outcome=outcome)
    assert flaw(relabelled) == f"its outcome is {outcome}, and the outcome of its findings is fail"


def test_a_pass_without_findings() -> None:
    assert "outcome of its findings is inconclusive" in flaw(verdict(), rules=None)


@pytest.mark.parametrize("observed", [None, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("rule", [FLOOR, CEILING, DROP, SLICED])
def test_a_pass_without_a_number(rule: GateRule, observed: float | None) -> None:
    passed = verdict(finding(rule, Outcome.PASS, observed))
    assert flaw(passed, rules=None) == f"its gate on {rule.metric} passed without a number"


def test_a_pass_of_a_gate_that_asks_nothing() -> None:
    passed = verdict(finding(GateRule("f1_macro"), Outcome.PASS, 0.95))
    assert "passed without a number" in flaw(passed, rules=None)


@pytest.mark.parametrize(("rule", "observed"), [(FLOOR, 0.89), (CEILING, 5.1)])
def test_a_pass_on_the_wrong_side_of_its_limit(rule: GateRule, observed: float) -> None:
    text = flaw(verdict(finding(rule, Outcome.PASS, observed)), rules=None)
    assert f"passed at {observed!r}, and" in text
    assert text.endswith("is required")


def test_a_slice_may_pass_below_its_limit_where_the_policy_lets_doubt_pass() -> None:
    assert flaw(verdict(finding(SLICED, Outcome.PASS, 0.5)), rules=(SLICED,)) == ""


@pytest.mark.parametrize("champion", [None, "f" * 64])
def test_a_relative_gate_is_skipped_without_a_champion(champion: str | None) -> None:
    findings = (*PASSED[:2], finding(DROP, Outcome.SKIPPED, None))
    assert flaw(verdict(*findings, champion=champion)) == ""


def test_a_relative_gate_is_skipped_in_a_rollback_and_else_not() -> None:
    skipped = verdict(*PASSED[:2], finding(DROP, Outcome.SKIPPED, None))
    assert flaw(skipped, is_rollback=True) == ""
    assert flaw(skipped) == "its gate on f1_macro was skipped without a reason"


def test_an_absolute_gate_is_skipped_on_recent_rows_alone() -> None:
    recent = (*PASSED[1:], finding(RECENT, Outcome.SKIPPED, None))
    assert flaw(verdict(*recent), rules=(CEILING, DROP, RECENT)) == ""
    skipped = verdict(finding(FLOOR, Outcome.SKIPPED, 0.5), *PASSED[1:], champion=None)
    assert flaw(skipped) == "its gate on f1_macro was skipped without a reason"


numbers = st.floats(-1, 2) | st.sampled_from([math.nan, None])
places = st.builds(
    lambda metric, mine, theirs, half, rows: Comparison(
        metric,
        mine,
        theirs,
        None if mine is None or theirs is None else mine - theirs,
        None
        if half is None or mine is None or theirs is None
        else Interval(mine - theirs - half, mine - theirs + half, 0.95),
        rows=rows,
    ),
    st.sampled_from(["f1_macro", "model_mb"]),
    numbers,
    numbers,
    st.none() | st.floats(0, 0.1),
    st.none() | st.integers(1, 100),
)


@given(
    st.lists(places, max_size=4),
    st.sampled_from(list(OnInconclusive)),
    st.sampled_from([None, "f" * 64, CHAMPION]),
    st.booleans(),
)
def test_always__what_the_gates_find_agrees_with_itself(
    comparisons: list[Comparison], doubt: OnInconclusive, champion: str | None, rollback: bool
) -> None:
    """No honest verdict is refused, whatever was measured and whatever the policy is."""
    is_alone = rollback or champion != CHAMPION
    findings = gates.evaluate(
        (*RULES, SLICED, RECENT),
        comparisons={0.95: tuple(comparisons)},
        skip="there is none" if is_alone else "",
        on_inconclusive=doubt,
    )
    judged = verdict(*findings, outcome=gates.outcome(findings), champion=champion)
    assert flaw(judged, rules=(*RULES, SLICED, RECENT), is_rollback=rollback) == ""


@pytest.mark.parametrize(("floor", "ceiling"), [(0.9, 5.0), (0.9, 4.0), (0.95, 5.0)])
def test_a_pass_exactly_at_the_threshold(floor: float, ceiling: float) -> None:
    passed = (finding(FLOOR, Outcome.PASS, floor), finding(CEILING, Outcome.PASS, ceiling))
    assert flaw(verdict(*passed, PASSED[2])) == ""
