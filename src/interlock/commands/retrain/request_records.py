"""A retraining's records in the ledger, the word before the effects among them; decides with what
the ledger says at the very commit that it is written over."""

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


def ask(job: RetrainJob) -> Decision:
    """Write that a training is asked for, unless the ledger forbids it by now: the decision that
    holds."""
    ledger, subject = job.world.ledger, job.subject

    def how() -> tuple[Decision, tuple[object, ...]]:
        now = timestamps.read(job.request.now) or 0
        fresh = dataclasses.replace(
            subject.situation,
            requests=lookup.retrainings(ledger, model=subject.name),
            recent=observation.recent(ledger, now=now),
        )
        decision = request_decision.decide(fresh)
        match decision:
            case OpenPull(need=need, begun_at=""):
                return decision, (_asked(job, need, RetrainingStep.OPENED, None),)
            case UpdatePull(need=need, pull=pull, begun_at=""):
                return decision, (_asked(job, need, RetrainingStep.UPDATED, pull),)
        return decision, ()

    return transaction.decide(ledger, how, message=f"Ask for a retraining of {subject.name}")


def _asked(
    job: RetrainJob, need: RetrainingReason, step: RetrainingStep, pull: int | None
) -> RetrainingRequest:
    mark = request_decision.mark(job.subject.situation, need)
    return _record(job, mark, step, pull=pull, sentence=need.sentence, at=job.request.now)


def write(
    job: RetrainJob,
    mark: HiddenMark,
    step: RetrainingStep,
    *,
    pull: int,
    sentence: str,
    at: str = "",
) -> None:
    """Write what became of a pull request; what is written already stays as it is."""
    ledger, name = job.world.ledger, job.subject.name
    noun = _record(job, mark, step, pull=pull, sentence=sentence, at=at or job.request.now)

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
