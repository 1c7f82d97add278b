"""Write the records of a retraining to the ledger. A request is recorded before its effects, and is
decided again from the ledger's commit that it is written over."""

from __future__ import annotations

import dataclasses

from interlock.commands.retrain import observation
from interlock.commands.retrain.context import RetrainJob
from interlock.domain.basics import timestamps
from interlock.domain.monitoring.monitoring_records import RetrainingRequest, RetrainingStep
from interlock.domain.retraining import request_decision, retraining_facts
from interlock.domain.retraining.retraining_facts import (
    Decision,
    HiddenMark,
    OpenPull,
    RetrainingReason,
    UpdatePull,
)
from interlock.ledger import lookup, transaction


def request(job: RetrainJob) -> Decision:
    """Record a retraining request, unless the ledger has changed; return the final decision."""
    ledger, subject = job.context.ledger, job.subject

    def how() -> tuple[Decision, tuple[object, ...]]:
        now = timestamps.read(job.options.now) or 0
        fresh = dataclasses.replace(
            subject.facts,
            requests=lookup.retrainings(ledger, model=subject.name),
            recent_requests=observation.recent_requests(ledger, now=now),
        )
        decision = request_decision.decide(fresh)
        match decision:
            case OpenPull(reason=reason, begun_at=""):
                return decision, (_new_request(job, reason, RetrainingStep.OPENED, None),)
            case UpdatePull(reason=reason, pull=pull, begun_at=""):
                return decision, (_new_request(job, reason, RetrainingStep.UPDATED, pull),)
        return decision, ()

    return transaction.decide(ledger, how, message=f"Retraining request for {subject.name}")


def _new_request(
    job: RetrainJob, reason: RetrainingReason, step: RetrainingStep, pull: int | None
) -> RetrainingRequest:
    mark = request_decision.mark(job.subject.facts, reason)
    return _record(job, mark, step, pull=pull, sentence=reason.sentence, at=job.options.now)


def write(
    job: RetrainJob,
    mark: HiddenMark,
    step: RetrainingStep,
    *,
    pull: int,
    sentence: str,
    at: str = "",
) -> None:
    """Record an event of a pull request, once."""
    ledger, name = job.context.ledger, job.subject.name
    noun = _record(job, mark, step, pull=pull, sentence=sentence, at=at or job.options.now)

    def how() -> tuple[None, tuple[object, ...]]:
        known = {_key(request) for request in lookup.retrainings(ledger, model=name)}
        return None, () if _key(noun) in known else (noun,)

    transaction.decide(ledger, how, message=f"Retraining of {name}: {step}")


def _key(request: RetrainingRequest) -> tuple[object, ...]:
    return (request.step, request.pull, request.window_end, request.cause)


def _record(
    job: RetrainJob,
    mark: HiddenMark,
    step: RetrainingStep,
    *,
    pull: int | None,
    sentence: str,
    at: str,
) -> RetrainingRequest:
    return RetrainingRequest(
        model=job.subject.name,
        cause=mark.cause,
        window_end=mark.window_end,
        reference=mark.reference,
        severity=mark.severity,
        branch=retraining_facts.branch(job.subject.name),
        step=step,
        at=at,
        sentence=sentence,
        pull=pull,
    )
