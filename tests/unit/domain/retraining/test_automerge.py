"""Who may be left the merge of a retraining."""

from __future__ import annotations

import pytest

from interlock.domain.model.policy import RetrainPolicy
from interlock.domain.retraining import automerge
from interlock.domain.retraining.retraining_facts import RetrainingPull, RetrainingPullState
from tests import retrain_cases as cases

ALLOWED = RetrainPolicy(auto_merge=True)
OURS = RetrainingPull(1, RetrainingPullState.OPEN)
THEIRS = RetrainingPull(1, RetrainingPullState.OPEN, is_touched=True)


@pytest.mark.parametrize("proposal", [None, OURS], ids=["new", "standing"])
def test_why_not__where_the_policy_allows_it(proposal: RetrainingPull | None) -> None:
    assert automerge.why_not(cases.situation(policy=ALLOWED), proposal) == ""


def test_why_not__by_default() -> None:
    assert automerge.why_not(cases.situation(policy=RetrainPolicy())) == "the policy allows none"


def test_why_not__over_peoples_commits() -> None:
    situation = cases.situation(policy=ALLOWED)
    assert automerge.why_not(situation, THEIRS) == "people's commits are on it"


def test_why_not__under_a_hold() -> None:
    situation = cases.situation(policy=ALLOWED, hold=cases.HELD)
    assert automerge.why_not(situation, OURS).startswith("held by")
