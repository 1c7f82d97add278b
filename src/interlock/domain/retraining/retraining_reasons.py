"""Why a model should be trained anew, or why not; what is done about it is decided elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from interlock.domain.basics import timestamps
from interlock.domain.drift.status import DriftStatus
from interlock.domain.model import monitor_rules
from interlock.domain.monitoring.monitoring_records import (
    Cause,
    Diagnosis,
    DriftReport,
    PerformanceReport,
    Remedy,
    RetrainingStep,
)
from interlock.domain.retraining.retraining_facts import RetrainingFacts, RetrainingReason, Trigger


def newest(situation: RetrainingFacts) -> DriftReport | None:
    """Return the last window, whichever champion it was held against."""
    return max(situation.drift, key=lambda report: report.end, default=None)


def is_pipeline_failed(situation: RetrainingFacts) -> bool:
    """Whether the last window says that the feed is broken: what it brings is not to be learnt."""
    last = newest(situation)
    return last is not None and last.verdict is DriftStatus.BROKEN


def find_reason(situation: RetrainingFacts) -> RetrainingReason | None:
    """Return the gravest need: a person's word, live data, an upstream, the calendar."""
    rules: tuple[Callable[[RetrainingFacts], RetrainingReason | None], ...] = (
        _asked,
        _live,
        _upstream,
        _schedule,
    )
    return next((need for rule in rules if (need := rule(situation)) is not None), None)


def drift_is_over(situation: RetrainingFacts) -> str:
    """Why live data asks for nothing any more, "" while it may: too little seen is no all-clear."""
    last = _last_drift(situation)
    if last is None or last.verdict is not DriftStatus.STABLE or _live(situation) is not None:
        return ""
    return f"the window until {last.end} looks as before: {last.diagnosis.sentence}"


def _asked(situation: RetrainingFacts) -> RetrainingReason | None:
    if not situation.asked:
        return None
    live = _live(situation)
    window = live.window_end if live else ""
    cause = live.cause if live else Cause.NONE
    severity = live.severity if live else 0.0
    also = f"; {live.sentence}" if live else ""
    return RetrainingReason(
        Trigger.ASKED, cause, severity, window, f"asked for: {situation.asked}{also}"
    )


def _live(situation: RetrainingFacts) -> RetrainingReason | None:
    """What live data asks for: a metric that fell says more than inputs that moved."""
    performance, drift = _last_performance(situation), _last_drift(situation)
    if performance is not None and _retrains(performance.diagnosis):
        return _need(performance.diagnosis, performance.end)
    if drift is not None and drift.verdict is DriftStatus.DRIFT and _retrains(drift.diagnosis):
        return _need(drift.diagnosis, drift.end)
    return None


def _need(diagnosis: Diagnosis, end: str) -> RetrainingReason:
    return RetrainingReason(
        Trigger.DRIFT, diagnosis.cause, diagnosis.severity, end, diagnosis.sentence
    )


def _retrains(diagnosis: Diagnosis) -> bool:
    return diagnosis.remedy is Remedy.RETRAIN


def _last_drift(situation: RetrainingFacts) -> DriftReport | None:
    """The last window held against what is served now: one that was merged begins anew."""
    own = [r for r in situation.drift if r.reference == _reference(situation)]
    return max(own, key=lambda report: report.end, default=None)


def _last_performance(situation: RetrainingFacts) -> PerformanceReport | None:
    own = [r for r in situation.performance if r.reference == _reference(situation)]
    return max(own, key=lambda report: (report.end, report.performance.rows), default=None)


def _reference(situation: RetrainingFacts) -> str | None:
    return situation.champion.fingerprint if situation.champion else None


def _upstream(situation: RetrainingFacts) -> RetrainingReason | None:
    since = _since(situation)
    moved = [up for up in situation.upstreams if since is not None and up.at > since]
    if not moved:
        return None
    said = "; ".join(up.sentence for up in moved)
    return RetrainingReason(Trigger.UPSTREAM, Cause.NONE, 0.0, "", said)


def _schedule(situation: RetrainingFacts) -> RetrainingReason | None:
    every, since = situation.rule.every_seconds, _since(situation)
    if every is None or since is None or situation.now < since + every:
        return None
    said = f"{monitor_rules.write_duration(every)} have passed since {timestamps.write(since)}"
    return RetrainingReason(Trigger.SCHEDULE, Cause.NONE, 0.0, "", said)


def _since(situation: RetrainingFacts) -> int | None:
    """When the model was last brought up to date, or asked to be."""
    if situation.champion is None:
        return None
    asked = [request.at for request in situation.requests if is_request(request.step, request.pull)]
    times = [timestamps.read(at) for at in (situation.champion.at, *asked)]
    return max((time for time in times if time is not None), default=None)


def is_request(step: RetrainingStep, pull: int | None) -> bool:
    """Whether a record asks for a training: the word before the effects, said once for each."""
    if step is RetrainingStep.OPENED:
        return pull is None
    return step is RetrainingStep.UPDATED
