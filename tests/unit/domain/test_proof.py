"""What lets a model through: a passing verdict, or a person's word on an inconclusive one."""

from __future__ import annotations

import pytest

from interlock.domain import proof
from interlock.domain.acceptance import Acceptance
from interlock.domain.manifest import GateRule
from interlock.domain.verdict import Finding, Outcome, Verdict

KEY, COMMIT = "ab" * 32, "c1" * 20


def verdict(outcome: Outcome, *, key: str = KEY, model: str = "digits") -> Verdict:
    rule = GateRule(metric="f1_macro", min=0.9)
    findings = (
        Finding(rule, Outcome.PASS, 0.95, ">= 0.9", "f1_macro is fine."),
        Finding(rule, outcome, 0.85, ">= 0.9", "accuracy is what decided."),
    )
    return Verdict(key, model, "f1" * 32, COMMIT, outcome, "2 gates.", findings, ())


def acceptance(key: str = KEY) -> Acceptance:
    return Acceptance(key, "digits", "f1" * 32, COMMIT, "octocat", "it is fine", "")


def objection(found: Verdict | None, *accepted: Acceptance) -> str:
    return proof.objection(found, accepted, key=KEY, model="digits", commit=COMMIT)


def test_objection__none_to_a_pass() -> None:
    assert objection(verdict(Outcome.PASS)) == ""


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.SKIP])
def test_objection__a_fail_or_a_skip_whatever_anybody_says(outcome: Outcome) -> None:
    said = objection(verdict(outcome), acceptance())
    assert said == f"its verdict is {outcome}: accuracy is what decided"


def test_objection__inconclusive_until_accepted() -> None:
    said = objection(verdict(Outcome.INCONCLUSIVE), acceptance("cd" * 32))
    assert "its verdict is inconclusive: accuracy is what decided" in said
    assert f"interlock accept digits --rev {'c1' * 20} --reason TEXT" in said
    assert objection(verdict(Outcome.INCONCLUSIVE), acceptance()) == ""


@pytest.mark.parametrize(
    "found",
    [None, verdict(Outcome.PASS, key="cd" * 32), verdict(Outcome.PASS, model="letters")],
)
def test_objection__no_verdict_or_another_ones(found: Verdict | None) -> None:
    assert f"interlock evaluate digits --rev {'c1' * 20}" in objection(found)


def test_objection__a_verdict_without_findings_speaks_for_itself() -> None:
    found = Verdict(KEY, "digits", "f1" * 32, COMMIT, Outcome.FAIL, "No gate.", (), ())
    assert objection(found) == "its verdict is fail: No gate"
