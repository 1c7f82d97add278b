"""The reasons to retrain a model; the action is decided elsewhere."""

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
from interlock.domain.retraining.retraining_facts import (
    RetrainingFacts,
    RetrainingReason,
    Trigger,
)


def newest(facts: RetrainingFacts) -> DriftReport | None:
    """Return the newest window, of any champion."""
    return max(facts.drift, key=lambda report: report.end, default=None)


def is_pipeline_failed(facts: RetrainingFacts) -> bool:
    """True if the newest window is broken: a model must not learn from such data."""
    report = newest(facts)
    return report is not None and report.verdict is DriftStatus.BROKEN


def find_reason(facts: RetrainingFacts) -> RetrainingReason | None:
    """Return the first reason: a user request, live data, an upstream model, the schedule."""
    rules: tuple[Callable[[RetrainingFacts], RetrainingReason | None], ...] = (
        _user_request,
        _live_data,
        _upstream,
        _schedule,
    )
    return next((reason for rule in rules if (reason := rule(facts)) is not None), None)


def drift_is_over(facts: RetrainingFacts) -> str | None:
    """Return a sentence if the newest window is stable. Too few rows do not end a drift."""
    report = _newest_drift(facts)
    if report is None or report.verdict is not DriftStatus.STABLE or _live_data(facts):
        return None
    return f"the drift is over in the window until {report.end}: {report.diagnosis.sentence}"


def _user_request(facts: RetrainingFacts) -> RetrainingReason | None:
    if not facts.user_reason:
        return None
    sentence = f"user request: {facts.user_reason}"
    live = _live_data(facts)
    if live is None:
        return RetrainingReason(Trigger.USER_REQUEST, Cause.NONE, 0.0, "", sentence)
    sentence = f"{sentence}; {live.sentence}"
    return RetrainingReason(
        Trigger.USER_REQUEST, live.cause, live.severity, live.window_end, sentence
    )


def _live_data(facts: RetrainingFacts) -> RetrainingReason | None:
    """A performance loss comes first: it proves more than a shift of the inputs."""
    performance, drift = _newest_performance(facts), _newest_drift(facts)
    if performance is not None and _is_retrain(performance.diagnosis):
        return _diagnosed(Trigger.PERFORMANCE_LOSS, performance.diagnosis, performance.end)
    if drift is not None and drift.verdict is DriftStatus.DRIFT and _is_retrain(drift.diagnosis):
        return _diagnosed(Trigger.DATA_DRIFT, drift.diagnosis, drift.end)
    return None


def _diagnosed(trigger: Trigger, diagnosis: Diagnosis, end: str) -> RetrainingReason:
    return RetrainingReason(trigger, diagnosis.cause, diagnosis.severity, end, diagnosis.sentence)


def _is_retrain(diagnosis: Diagnosis) -> bool:
    return diagnosis.remedy is Remedy.RETRAIN


def _newest_drift(facts: RetrainingFacts) -> DriftReport | None:
    """Windows of an earlier champion do not count: a promotion starts monitoring again."""
    own = [report for report in facts.drift if report.reference == _reference(facts)]
    return max(own, key=lambda report: report.end, default=None)


def _newest_performance(facts: RetrainingFacts) -> PerformanceReport | None:
    own = [report for report in facts.performance if report.reference == _reference(facts)]
    return max(own, key=lambda report: (report.end, report.performance.rows), default=None)


def _reference(facts: RetrainingFacts) -> str | None:
    return facts.champion.fingerprint if facts.champion else None


def _upstream(facts: RetrainingFacts) -> RetrainingReason | None:
    since = _last_change(facts)
    changes = [change for change in facts.upstreams if since is not None and change.at > since]
    if not changes:
        return None
    sentence = "; ".join(change.sentence for change in changes)
    return RetrainingReason(Trigger.UPSTREAM_MODEL, Cause.NONE, 0.0, "", sentence)


def _schedule(facts: RetrainingFacts) -> RetrainingReason | None:
    every, since = facts.rule.every_seconds, _last_change(facts)
    if every is None or since is None or facts.now < since + every:
        return None
    passed = f"{monitor_rules.write_duration(every)} have passed since {timestamps.write(since)}"
    return RetrainingReason(Trigger.SCHEDULE, Cause.NONE, 0.0, "", f"schedule: {passed}")


def _last_change(facts: RetrainingFacts) -> int | None:
    """Return the time of the last promotion or retraining request."""
    if facts.champion is None:
        return None
    requests = [each.at for each in facts.requests if is_request(each.step, each.pull)]
    times = [timestamps.read(at) for at in (facts.champion.at, *requests)]
    return max((time for time in times if time is not None), default=None)


def is_request(step: RetrainingStep, pull: int | None) -> bool:
    """True if a record is a retraining request itself, not an event of its pull request."""
    if step is RetrainingStep.OPENED:
        return pull is None
    return step is RetrainingStep.UPDATED
