"""The rule for merging a retraining pull request without a user; branch rules apply as well."""

from __future__ import annotations

from interlock.domain.basics.refusal import Refusal
from interlock.domain.promotion import hold
from interlock.domain.retraining.retraining_facts import RetrainingFacts, RetrainingPull


def check(facts: RetrainingFacts, pull: RetrainingPull | None = None) -> Refusal | None:
    """Return why a user must merge it. Without `pull`, the pull request is a new one."""
    if not facts.policy.auto_merge:
        return Refusal("`auto_merge` is off in the policy")
    if facts.hold is not None:
        return Refusal(hold.sentence(facts.hold))
    if pull is not None and pull.has_user_commits:
        return Refusal("it has commits of other users")
    return None
