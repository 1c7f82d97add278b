"""`retrain`: sees what live data, the calendar, upstreams and people ask for, and keeps one pull
request a model that asks for its retraining."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

from interlock import errors
from interlock.commands.retrain import automerge, data_issue, effects, monitored_models
from interlock.commands.retrain.context import (
    RetrainContext,
    RetrainJob,
    RetrainOptions,
    RetrainOutcome,
    RetrainResult,
    RetrainSubject,
)
from interlock.commands.retrain.refresh import refresh_models
from interlock.domain.model.snapshot import Snapshot
from interlock.domain.monitoring.monitoring_records import Cause
from interlock.domain.retraining import issue_decision, retraining_facts
from interlock.domain.retraining.retraining_facts import NoAction
from interlock.services.best_effort import Attempts
from interlock.services.each_model import EachModel, ModelStopped

__all__ = [
    "RetrainContext",
    "RetrainOptions",
    "RetrainOutcome",
    "RetrainResult",
    "document",
    "refresh_models",
    "run",
]


def run(world: RetrainContext, request: RetrainOptions) -> tuple[RetrainResult, ...]:
    """Decide and act for every model that is watched, or for those named, in order of name.

    What goes wrong with one model is its result, and the others are gone on with. Raises
    CannotResolve for a name that the revision does not know or does not watch, and
    CannotReadManifest when the policy or the manifest of what may be meant cannot be read.
    """
    world.ledger.refresh()
    snapshot, names = monitored_models.read(world, request)
    each = EachModel(monitored_models.probes(world, names))
    one = functools.partial(_one, world, request, snapshot)
    return tuple(each.do(name, one, otherwise=_stopped) for name in names)


def _one(
    world: RetrainContext, request: RetrainOptions, snapshot: Snapshot, name: str
) -> RetrainResult:
    attempts = Attempts()
    try:
        subject = monitored_models.observe(world, request, snapshot, name, attempts)
        if request.dry_run:
            return _planned(subject, attempts.undone)
        return _act(RetrainJob(world, request, subject, attempts))
    except errors.MissingSetting as error:  # as a remote of DVC's: each model has its own
        return _stopped(ModelStopped(name, error))


def _stopped(stopped: ModelStopped) -> RetrainResult:
    said, code = stopped.sentence, stopped.exit_code
    return RetrainResult(stopped.model, RetrainOutcome.FAILED, Cause.NONE, None, None, said, code)


def _act(job: RetrainJob) -> RetrainResult:
    taken_back = automerge.take_back(job)
    issue, told = data_issue.act(job)
    result = effects.act(job)
    said = [taken_back, told if issue is not None else "", result.sentence, *job.attempts.undone]
    return dataclasses.replace(result, issue=issue, sentence="; ".join(filter(None, said)))


_WORDS = {
    retraining_facts.OpenPull: RetrainOutcome.OPEN,
    retraining_facts.UpdatePull: RetrainOutcome.UPDATE,
    retraining_facts.FinishPull: RetrainOutcome.FINISH,
    retraining_facts.CommentOnPull: RetrainOutcome.COMMENT,
    retraining_facts.ClosePull: RetrainOutcome.CLOSE,
    retraining_facts.NoAction: RetrainOutcome.NOTHING,
}


def _planned(subject: RetrainSubject, undone: Sequence[str]) -> RetrainResult:
    """What would be done, of which nothing is."""
    decision = subject.decision
    match decision:
        case NoAction(reason=reason):
            cause, said = Cause.NONE, reason
        case (
            retraining_facts.CommentOnPull(mark=mark, sentence=sentence)
            | retraining_facts.ClosePull(mark=mark, sentence=sentence)
        ):
            cause, said = mark.cause, sentence
        case _:
            cause, said = decision.need.cause, decision.need.sentence
    pull = next((p.number for p in subject.pulls if p.is_open), None)
    if isinstance(subject.feed, issue_decision.UpdateIssue):
        said = f"an issue would say that the feed is broken; {said}"
    said = "; ".join([said, *undone])
    return RetrainResult(subject.name, _WORDS[type(decision)], cause, pull, None, said)


def document(results: Sequence[RetrainResult]) -> dict[str, Any]:
    """The results as `interlock/retrain/v1`."""
    return {
        "schema": "interlock/retrain/v1",
        "models": [_document(result) for result in results],
    }


def _document(result: RetrainResult) -> dict[str, Any]:
    found = dataclasses.asdict(result)
    del found["exit_code"]
    return found
