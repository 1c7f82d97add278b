"""When a retraining pull request may be merged without a user."""

from __future__ import annotations

import pytest

from interlock.domain.basics.refusal import Refusal
from interlock.domain.model.policy import RetrainPolicy
from interlock.domain.retraining import automerge
from interlock.domain.retraining.retraining_facts import RetrainingPull, RetrainingPullState
from tests import retrain_cases as cases

ALLOWED = RetrainPolicy(auto_merge=True)
OURS = RetrainingPull(1, RetrainingPullState.OPEN)
THEIRS = RetrainingPull(1, RetrainingPullState.OPEN, has_user_commits=True)


@pytest.mark.parametrize("pull", [None, OURS], ids=["new", "open"])
def test_check__allowed_by_the_policy(pull: RetrainingPull | None) -> None:
    assert automerge.check(cases.facts(policy=ALLOWED), pull) is None


def test_check__off_by_default() -> None:
    refusal = Refusal("`auto_merge` is off in the policy")
    assert automerge.check(cases.facts(policy=RetrainPolicy())) == refusal


def test_check__commits_of_users() -> None:
    refusal = automerge.check(cases.facts(policy=ALLOWED), THEIRS)
    assert refusal == Refusal("it has commits of other users")


def test_check__hold() -> None:
    refusal = automerge.check(cases.facts(policy=ALLOWED, hold=cases.HELD), OURS)
    assert str(refusal).startswith("held by")
