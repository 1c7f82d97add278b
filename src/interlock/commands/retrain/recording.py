"""A retraining's records in the ledger, the word before the effects among them; decides with what
the ledger says at the very commit that it is written over."""

from __future__ import annotations

import dataclasses

from interlock import appending, book
from interlock.commands.retrain import observing
from interlock.commands.retrain.nouns import Job
from interlock.domain import moments
from interlock.domain.retraining import deciding, nouns
from interlock.domain.retraining.nouns import Decision, Mark, Need, Open, Update
from interlock.domain.watch import RetrainingRequest, Step


def ask(job: Job) -> Decision:
    """Write that a training is asked for, unless the ledger forbids it by now: the decision that
    holds."""
    ledger, subject = job.world.ledger, job.subject

    def how() -> tuple[Decision, tuple[object, ...]]:
        now = moments.read(job.request.now) or 0
        fresh = dataclasses.replace(
            subject.situation,
            requests=book.retrainings(ledger, model=subject.name),
            recent=observing.recent(ledger, now=now),
        )
        decision = deciding.decide(fresh)
        match decision:
            case Open(need=need, begun_at=""):
                return decision, (_asked(job, need, Step.OPENED, None),)
            case Update(need=need, pull=pull, begun_at=""):
                return decision, (_asked(job, need, Step.UPDATED, pull),)
        return decision, ()

    return appending.decide(ledger, how, message=f"Ask for a retraining of {subject.name}")


def _asked(job: Job, need: Need, step: Step, pull: int | None) -> RetrainingRequest:
    mark = deciding.mark(job.subject.situation, need)
    return _record(job, mark, step, pull=pull, sentence=need.sentence, at=job.request.now)


def write(job: Job, mark: Mark, step: Step, *, pull: int, sentence: str, at: str = "") -> None:
    """Write what became of a pull request; what is written already stays as it is."""
    ledger, name = job.world.ledger, job.subject.name
    noun = _record(job, mark, step, pull=pull, sentence=sentence, at=at or job.request.now)

    def how() -> tuple[None, tuple[object, ...]]:
        known = {_key(request) for request in book.retrainings(ledger, model=name)}
        return None, () if _key(noun) in known else (noun,)

    appending.decide(ledger, how, message=f"Retraining of {name}: {step}")


def _key(request: RetrainingRequest) -> tuple[object, ...]:
    return (request.step, request.pull, request.window_end, request.cause)


def _record(
    job: Job, mark: Mark, step: Step, *, pull: int | None, sentence: str, at: str
) -> RetrainingRequest:
    return RetrainingRequest(
        model=job.subject.name,
        cause=mark.cause,
        window_end=mark.window_end,
        reference=mark.reference,
        severity=mark.severity,
        branch=nouns.branch(job.subject.name),
        step=step,
        at=at,
        sentence=sentence,
        pull=pull,
    )
