"""Whether a retraining may be merged without a person; the rules of its branch come on top."""

from __future__ import annotations

from interlock.domain.promotion import hold
from interlock.domain.retraining.retraining_facts import RetrainingFacts, RetrainingPull


def why_not(situation: RetrainingFacts, proposal: RetrainingPull | None = None) -> str:
    """Why a person has to merge it, "" when none has to; without a proposal it is a new one."""
    if not situation.policy.auto_merge:
        return "the policy allows none"
    if situation.hold is not None:
        return hold.sentence(situation.hold)
    if proposal is not None and proposal.is_touched:
        return "people's commits are on it"
    return ""
