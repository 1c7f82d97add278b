"""What becomes of the one pull request that asks for a model's retraining; a pure table.

Never a second one, never over people's commits, never from a feed that is broken, never under a
hold.
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


def decide(situation: RetrainingFacts) -> Decision:
    """Return the one thing to do about a model now."""
    obstacle = _forbidden(situation)
    if obstacle:
        return NoAction(obstacle)
    need = retraining_reasons.find_reason(situation)
    standing = _standing(situation.proposals)
    if standing is not None:
        return _of_standing(situation, standing, need)
    if need is None:
        return NoAction("nothing asks for a retraining")
    return _opening(situation, need)


def _forbidden(situation: RetrainingFacts) -> str:
    if situation.champion is None:
        return "nothing is served yet"
    if situation.hold is not None:
        return hold.sentence(situation.hold)
    if retraining_reasons.is_pipeline_failed(situation):
        return "the feed is broken: what it brings is not to be learnt"
    return ""


def _standing(proposals: Sequence[RetrainingPull]) -> RetrainingPull | None:
    return next((p for p in reversed(proposals) if p.state is RetrainingPullState.OPEN), None)


def _of_standing(
    situation: RetrainingFacts, standing: RetrainingPull, need: RetrainingReason | None
) -> Decision:
    number = standing.number
    if standing.mark is None:
        return NoAction(f"#{number} is open from the branch, and its text is not ours")
    if need is None:
        return _of_idle(situation, standing, standing.mark)
    if standing.is_touched:
        said = f"{need.sentence} (the window until {need.window_end})" if need.window_end else ""
        return _remark(situation, standing, mark(situation, need), said)
    if standing.conflicts or _is_news(need, standing.mark):
        return _updating(situation, need, number)
    if not _told(situation, standing):
        return FinishPull(need, number, _last_asked_at(situation))
    return NoAction(f"#{number} asks for it")


def _updating(situation: RetrainingFacts, need: RetrainingReason, number: int) -> Decision:
    begun = _begun_at(situation, need, step=RetrainingStep.UPDATED, pull=number)
    if begun:
        return UpdatePull(need, number, begun)
    return _limited(situation) or UpdatePull(need, number)


def _of_idle(situation: RetrainingFacts, standing: RetrainingPull, mark: HiddenMark) -> Decision:
    """Drift that went away is said; a retraining that no window asked for stays."""
    said = retraining_reasons.drift_is_over(situation) if mark.cause is not Cause.NONE else ""
    if not said:
        return NoAction(f"#{standing.number} is open")
    if not standing.is_touched:
        return ClosePull(standing.number, mark, said)
    told = max(_told(situation, standing), key=lambda request: request.at, default=None)
    if told is not None and told.cause is Cause.NONE:
        return NoAction(f"people work on #{standing.number}, which was told that drift is over")
    last = retraining_reasons.newest(situation)
    about = HiddenMark(Cause.NONE, last.end if last else "", 0.0, mark.reference)
    return CommentOnPull(standing.number, about, said)


def _remark(
    situation: RetrainingFacts, standing: RetrainingPull, about: HiddenMark, said: str
) -> Decision:
    """Once a window: people's commits are on it. An update that was asked for may have come to
    nothing, so that only what was said counts."""
    told = {r.window_end for r in _told(situation, standing) if r.step is RetrainingStep.COMMENTED}
    own = standing.mark.window_end if standing.mark else ""
    if not said or about.window_end in {*told, own}:
        return NoAction(f"people work on #{standing.number}")
    return CommentOnPull(standing.number, about, said)


def _told(situation: RetrainingFacts, standing: RetrainingPull) -> list[RetrainingRequest]:
    return [request for request in situation.requests if request.pull == standing.number]


def _is_news(need: RetrainingReason, mark: HiddenMark) -> bool:
    if need.trigger is Trigger.ASKED or need.window_end > mark.window_end:
        return True
    return need.trigger is Trigger.DRIFT and need.cause is not mark.cause


def _last_asked_at(situation: RetrainingFacts) -> str:
    """When the request was written that the pull request came of; now, where none was."""
    asked = [r.at for r in situation.requests if r.step is RetrainingStep.OPENED and r.pull is None]
    return max(asked, default=timestamps.write(situation.now))


def _opening(situation: RetrainingFacts, need: RetrainingReason) -> Decision:
    if situation.is_branch_taken:
        return NoAction("people's commits are on the branch, and no pull request is open from it")
    snoozed = _snoozed(situation, need) if need.trigger is not Trigger.ASKED else ""
    if snoozed:
        return NoAction(snoozed)
    begun = _begun_at(situation, need, step=RetrainingStep.OPENED, pull=None)
    if begun:
        return OpenPull(need, begun)
    if situation.rule.max_open < 1:
        return NoAction("`max_open` allows none")
    if situation.open_elsewhere >= situation.policy.max_open_total:
        return NoAction(f"{situation.open_elsewhere} retrainings are open, as many as may be")
    return _limited(situation) or OpenPull(need)


def _limited(situation: RetrainingFacts) -> NoAction | None:
    if situation.recent < situation.policy.per_hour:
        return None
    return NoAction(f"{situation.recent} retrainings were asked for in the last hour: later")


def _snoozed(situation: RetrainingFacts, need: RetrainingReason) -> str:
    """Why a closed pull request still speaks for the people who closed or merged it, "" if none
    does."""
    cooldown = situation.rule.cooldown_seconds
    for past in reversed(situation.proposals):
        over = past.closed_at + cooldown
        if situation.now >= over:
            continue
        if past.state is RetrainingPullState.MERGED and _is_unserved(situation, past):
            return f"#{past.number} is merged and not served yet"
        if past.state is RetrainingPullState.CLOSED and _is_waved_off(situation, past, need):
            return f"#{past.number} was closed: that snoozes it until {timestamps.write(over)}"
    return ""


def _is_unserved(situation: RetrainingFacts, past: RetrainingPull) -> bool:
    """Whether what is served is still what the retraining was to replace."""
    served = situation.champion.fingerprint if situation.champion else ""
    return past.mark is not None and past.mark.reference == served


def _is_waved_off(situation: RetrainingFacts, past: RetrainingPull, need: RetrainingReason) -> bool:
    """By a person, for this cause, and it is not clearly worse now."""
    closed = {r.pull for r in situation.requests if r.step is RetrainingStep.CLOSED}
    if past.number in closed:
        return False
    if past.mark is None:
        return True
    worse = need.severity > 0 and need.severity >= CLEARLY_WORSE * past.mark.severity
    return past.mark.cause is need.cause and not worse


def _begun_at(
    situation: RetrainingFacts, need: RetrainingReason, *, step: RetrainingStep, pull: int | None
) -> str:
    """When a request for this was written whose effects were cut off, within the hour; "" if none
    was. What was brought to the end is written down once more, with its pull request."""
    done = {
        r.at for r in situation.requests if r.step is RetrainingStep.OPENED and r.pull is not None
    }
    begun = [
        request.at
        for request in situation.requests
        if (request.step, request.pull) == (step, pull)
        and (request.window_end, request.cause) == (need.window_end, need.cause)
        and request.at not in done
        and situation.now - (timestamps.read(request.at) or 0) < _HOUR
    ]
    return max(begun, default="")


def mark(situation: RetrainingFacts, need: RetrainingReason) -> HiddenMark:
    """What a pull request says of itself when it is opened or updated for a need."""
    served = situation.champion.fingerprint if situation.champion else ""
    return HiddenMark(need.cause, need.window_end, need.severity, served)
