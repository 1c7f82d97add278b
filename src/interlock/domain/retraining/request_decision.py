"""The decision about the one retraining pull request of a model; a pure table.

There is never a second one, none over commits of users, none from a failed data pipeline, and none
under a hold.
"""

from __future__ import annotations

from collections.abc import Sequence

from interlock.domain.basics import timestamps
from interlock.domain.monitoring.monitoring_records import Cause, RetrainingRequest, RetrainingStep
from interlock.domain.promotion import hold
from interlock.domain.retraining import retraining_reasons
from interlock.domain.retraining.retraining_facts import (
    CLEARLY_WORSE,
    ClosePull,
    CommentOnPull,
    Decision,
    FinishPull,
    HiddenMark,
    NoAction,
    OpenPull,
    RetrainingFacts,
    RetrainingPull,
    RetrainingPullState,
    RetrainingReason,
    Trigger,
    UpdatePull,
)

_HOUR = 3_600
_LIVE_DATA = (Trigger.DATA_DRIFT, Trigger.PERFORMANCE_LOSS)


def decide(facts: RetrainingFacts) -> Decision:
    """Return the one action for a model now."""
    blocked = _blocked(facts)
    if blocked is not None:
        return blocked
    reason = retraining_reasons.find_reason(facts)
    pull = _open_pull(facts.pulls)
    if pull is not None:
        return _for_open_pull(facts, pull, reason)
    if reason is None:
        return NoAction("no reason to retrain")
    return _for_new_pull(facts, reason)


def is_wanted(facts: RetrainingFacts) -> bool:
    """True if there is a reason to retrain and nothing that forbids it."""
    return _blocked(facts) is None and retraining_reasons.find_reason(facts) is not None


def _blocked(facts: RetrainingFacts) -> NoAction | None:
    if facts.champion is None:
        return NoAction("not deployed yet")
    if facts.hold is not None:
        return NoAction(hold.sentence(facts.hold))
    if retraining_reasons.is_pipeline_failed(facts):
        return NoAction("upstream data pipeline failed: fix the data before retraining")
    return None


def _open_pull(pulls: Sequence[RetrainingPull]) -> RetrainingPull | None:
    return next((p for p in reversed(pulls) if p.state is RetrainingPullState.OPEN), None)


def _for_open_pull(
    facts: RetrainingFacts, pull: RetrainingPull, reason: RetrainingReason | None
) -> Decision:
    if pull.mark is None:
        return NoAction(f"#{pull.number} is open, but Interlock did not write its description")
    if reason is None:
        return _without_reason(facts, pull, pull.mark)
    if pull.has_user_commits:
        return _comment_once(facts, pull, reason)
    if pull.conflicts or _is_news(reason, pull.mark):
        return _update(facts, reason, pull.number)
    if not _records(facts, pull):
        return FinishPull(reason, pull.number, _last_request_at(facts))
    return NoAction(f"#{pull.number} is up to date")


def _update(facts: RetrainingFacts, reason: RetrainingReason, number: int) -> Decision:
    begun = _begun_at(facts, reason, step=RetrainingStep.UPDATED, pull=number)
    if begun:
        return UpdatePull(reason, number, begun)
    return _limit(facts) or UpdatePull(reason, number)


def _without_reason(facts: RetrainingFacts, pull: RetrainingPull, mark: HiddenMark) -> Decision:
    """A drift that is over closes its pull request; one without a window stays open."""
    over = retraining_reasons.drift_is_over(facts) if mark.cause is not Cause.NONE else None
    if over is None:
        return NoAction(f"#{pull.number} is open")
    if not pull.has_user_commits:
        return ClosePull(pull.number, mark, over)
    last = max(_records(facts, pull), key=lambda request: request.at, default=None)
    if last is not None and last.cause is Cause.NONE:
        return NoAction(
            f"#{pull.number} has commits of other users, and a comment that the drift is over"
        )
    newest = retraining_reasons.newest(facts)
    subject = HiddenMark(Cause.NONE, newest.end if newest else "", 0.0, mark.reference)
    return CommentOnPull(pull.number, subject, over)


def _comment_once(
    facts: RetrainingFacts, pull: RetrainingPull, reason: RetrainingReason
) -> Decision:
    """One comment per window on a pull request with commits of users. Only comments count: an
    update that was requested may never have been written."""
    commented = {
        request.window_end
        for request in _records(facts, pull)
        if request.step is RetrainingStep.COMMENTED
    }
    own = pull.mark.window_end if pull.mark else ""
    if reason.window_end in {"", own, *commented}:
        return NoAction(f"#{pull.number} has commits of other users")
    sentence = f"{reason.sentence} (the window until {reason.window_end})"
    return CommentOnPull(pull.number, mark(facts, reason), sentence)


def _records(facts: RetrainingFacts, pull: RetrainingPull) -> list[RetrainingRequest]:
    return [request for request in facts.requests if request.pull == pull.number]


def _is_news(reason: RetrainingReason, mark: HiddenMark) -> bool:
    if reason.trigger is Trigger.USER_REQUEST or reason.window_end > mark.window_end:
        return True
    return reason.trigger in _LIVE_DATA and reason.cause is not mark.cause


def _last_request_at(facts: RetrainingFacts) -> str:
    """Return the time of the request that opened the pull request; now if there is none."""
    times = [r.at for r in facts.requests if r.step is RetrainingStep.OPENED and r.pull is None]
    return max(times, default=timestamps.write(facts.now))


def _for_new_pull(facts: RetrainingFacts, reason: RetrainingReason) -> Decision:
    if facts.branch_has_user_commits:
        return NoAction("the branch has commits of other users and no open pull request")
    snoozed = _snoozed(facts, reason) if reason.trigger is not Trigger.USER_REQUEST else None
    if snoozed is not None:
        return snoozed
    begun = _begun_at(facts, reason, step=RetrainingStep.OPENED, pull=None)
    if begun:
        return OpenPull(reason, begun)
    if facts.rule.max_open < 1:
        return NoAction("`max_open` is 0 in the manifest")
    if facts.open_for_others >= facts.policy.max_open_total:
        return NoAction(
            f"{facts.open_for_others} retraining pull requests are open: "
            "the limit is `max_open_total` in the policy"
        )
    return _limit(facts) or OpenPull(reason)


def _limit(facts: RetrainingFacts) -> NoAction | None:
    if facts.recent_requests < facts.policy.per_hour:
        return None
    return NoAction(
        f"{facts.recent_requests} retraining requests in the last hour: "
        "the limit is `per_hour` in the policy"
    )


def _snoozed(facts: RetrainingFacts, reason: RetrainingReason) -> NoAction | None:
    """A pull request that a user closed or merged snoozes its cause for the cooldown."""
    cooldown = facts.rule.cooldown_seconds
    for past in reversed(facts.pulls):
        end = past.closed_at + cooldown
        if facts.now >= end:
            continue
        if past.state is RetrainingPullState.MERGED and _is_undeployed(facts, past):
            return NoAction(f"#{past.number} is merged but not in production yet")
        if past.state is RetrainingPullState.CLOSED and _is_dismissed(facts, past, reason):
            until = timestamps.write(end)
            return NoAction(f"#{past.number} was closed: this cause is snoozed until {until}")
    return None


def _is_undeployed(facts: RetrainingFacts, past: RetrainingPull) -> bool:
    """True if production still runs the version that the retraining replaces."""
    fingerprint = facts.champion.fingerprint if facts.champion else ""
    return past.mark is not None and past.mark.reference == fingerprint


def _is_dismissed(facts: RetrainingFacts, past: RetrainingPull, reason: RetrainingReason) -> bool:
    """True if a user closed it for this cause, and the cause is not clearly worse now."""
    closed_by_us = {r.pull for r in facts.requests if r.step is RetrainingStep.CLOSED}
    if past.number in closed_by_us:
        return False
    if past.mark is None:
        return True
    is_worse = reason.severity > 0 and reason.severity >= CLEARLY_WORSE * past.mark.severity
    return past.mark.cause is reason.cause and not is_worse


def _begun_at(
    facts: RetrainingFacts, reason: RetrainingReason, *, step: RetrainingStep, pull: int | None
) -> str:
    """Return the time of an interrupted request of the last hour for this reason, "" if none.

    A finished request has a second record, with the number of its pull request.
    """
    finished = {
        r.at for r in facts.requests if r.step is RetrainingStep.OPENED and r.pull is not None
    }
    begun = [
        request.at
        for request in facts.requests
        if (request.step, request.pull) == (step, pull)
        and (request.window_end, request.cause) == (reason.window_end, reason.cause)
        and request.at not in finished
        and facts.now - (timestamps.read(request.at) or 0) < _HOUR
    ]
    return max(begun, default="")


def mark(facts: RetrainingFacts, reason: RetrainingReason) -> HiddenMark:
    """Return the hidden mark of a pull request that is opened or updated for a reason."""
    fingerprint = facts.champion.fingerprint if facts.champion else ""
    return HiddenMark(reason.cause, reason.window_end, reason.severity, fingerprint)
