"""`retrain`: opens or updates one retraining pull request for each model with a reason."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any, assert_never

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
from interlock.commands.retrain.listings import Listings
from interlock.commands.retrain.refresh import refresh_models
from interlock.domain.model.snapshot import Snapshot
from interlock.domain.monitoring.monitoring_records import Cause
from interlock.domain.retraining.issue_decision import UpdateIssue
from interlock.domain.retraining.retraining_facts import (
    ClosePull,
    CommentOnPull,
    FinishPull,
    NoAction,
    OpenPull,
    UpdatePull,
)
from interlock.services.best_effort import Attempts
from interlock.services.each_model import EachModel, ModelStopped
from interlock.services.open_pulls import OpenPulls

__all__ = [
    "RetrainContext",
    "RetrainOptions",
    "RetrainOutcome",
    "RetrainResult",
    "document",
    "refresh_models",
    "run",
]


def run(context: RetrainContext, options: RetrainOptions) -> tuple[RetrainResult, ...]:
    """Decide and act for every monitored model, or for the named ones, in order of name.

    An error of one model is its result, and the other models continue. Raises CannotResolve for
    an unknown or unmonitored name, and CannotReadManifest when the policy or a manifest that may
    have that name cannot be read.
    """
    context.ledger.refresh()
    snapshot, names = monitored_models.read(context, options)
    each = EachModel(monitored_models.probes(context, names))
    listings = Listings(context, OpenPulls(context.github))
    one = functools.partial(_one, options, snapshot, listings)
    return tuple(each.do(name, one, otherwise=_stopped) for name in names)


def _one(
    options: RetrainOptions, snapshot: Snapshot, listings: Listings, name: str
) -> RetrainResult:
    attempts, context = Attempts(), listings.context
    try:
        subject = monitored_models.observe(listings, options, snapshot, name, attempts)
        if options.dry_run:
            return _planned(subject, attempts.undone)
        return _act(RetrainJob(context, options, subject, attempts))
    except errors.MissingSetting as error:  # for example of a DVC remote, which differs by model
        return _stopped(ModelStopped(name, error))


def _stopped(stopped: ModelStopped) -> RetrainResult:
    failed, code = RetrainOutcome.FAILED, stopped.exit_code
    return RetrainResult(stopped.model, failed, Cause.NONE, stopped.sentence, exit_code=code)


def _act(job: RetrainJob) -> RetrainResult:
    disabled = automerge.disable(job)
    issue, note = data_issue.act(job)
    result = effects.act(job)
    parts = [disabled, note if issue is not None else "", result.sentence, *job.attempts.undone]
    return dataclasses.replace(result, issue=issue, sentence="; ".join(filter(None, parts)))


def _planned(subject: RetrainSubject, undone: Sequence[str]) -> RetrainResult:
    """The result of a dry run."""
    outcome, cause, sentence = _outcome(subject)
    if isinstance(subject.data_issue, UpdateIssue):
        sentence = f"would open or update the data issue; {sentence}"
    sentence = "; ".join([sentence, *undone])
    pull = next((p.number for p in subject.pulls if p.is_open), None)
    return RetrainResult(subject.name, outcome, cause, sentence, pull)


def _outcome(subject: RetrainSubject) -> tuple[RetrainOutcome, Cause, str]:
    match subject.decision:
        case NoAction(sentence=sentence):
            return RetrainOutcome.NOTHING, Cause.NONE, sentence
        case CommentOnPull(mark=mark, sentence=sentence) | ClosePull(mark=mark, sentence=sentence):
            return _OUTCOMES[type(subject.decision)], mark.cause, sentence
        case OpenPull(reason=reason) | UpdatePull(reason=reason) | FinishPull(reason=reason):
            return _OUTCOMES[type(subject.decision)], reason.cause, reason.sentence
        case _:
            assert_never(subject.decision)


_OUTCOMES = {
    OpenPull: RetrainOutcome.OPEN,
    UpdatePull: RetrainOutcome.UPDATE,
    FinishPull: RetrainOutcome.FINISH,
    CommentOnPull: RetrainOutcome.COMMENT,
    ClosePull: RetrainOutcome.CLOSE,
}


def document(results: Sequence[RetrainResult]) -> dict[str, Any]:
    """Return the results as `interlock/retrain/v1`."""
    return {
        "schema": "interlock/retrain/v1",
        "models": [_document(result) for result in results],
    }


def _document(result: RetrainResult) -> dict[str, Any]:
    fields = dataclasses.asdict(result)
    del fields["exit_code"]
    return fields
