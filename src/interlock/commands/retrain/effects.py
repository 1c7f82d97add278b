"""The effects of a retraining decision. Each effect is looked up before it is made, so that a rerun
continues an interrupted run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from interlock import errors
from interlock.commands.retrain import (
    automerge,
    data_branch,
    observation,
    refreshed_pointers,
    request_records,
)
from interlock.commands.retrain.context import RetrainJob, RetrainOutcome, RetrainResult
from interlock.domain.monitoring.monitoring_records import Cause, RetrainingStep
from interlock.domain.retraining import request_decision, retraining_facts
from interlock.domain.retraining.data_difference import RefreshedPointer
from interlock.domain.retraining.retraining_facts import (
    ClosePull,
    CommentOnPull,
    Decision,
    FinishPull,
    NoAction,
    OpenPull,
    RetrainingReason,
    UpdatePull,
)
from interlock.ports.github import Draft
from interlock.rendering import retraining as page
from interlock.services import drift_plots


def act(job: RetrainJob) -> RetrainResult:
    """Carry out the decision. Raises OutsideFailure when a system is out of reach."""
    decision = job.subject.decision
    if isinstance(decision, OpenPull | UpdatePull):
        refusal = refreshed_pointers.check(job.context, job.subject)
        if refusal is not None:
            cause = decision.reason.cause
            return _result(job, RetrainOutcome.NOTHING, cause, None, refusal.reason)
        if not decision.begun_at:
            # The record goes before the effects: limits count it, and a rerun continues it.
            decision = request_records.request(job)
    return _act(job, decision)


def _act(job: RetrainJob, decision: Decision) -> RetrainResult:
    match decision:
        case NoAction(sentence=sentence):
            pull = next((pull.number for pull in job.subject.pulls if pull.is_open), None)
            return _result(job, RetrainOutcome.NOTHING, Cause.NONE, pull, sentence)
        case OpenPull():
            return _open(job, decision)
        case UpdatePull():
            return _update(job, decision)
        case FinishPull():
            return _finish(job, decision)
        case CommentOnPull():
            return _comment(job, decision)
        case ClosePull():
            return _close(job, decision)
        case _:
            assert_never(decision)


def _open(job: RetrainJob, decision: OpenPull) -> RetrainResult:
    reason = decision.reason
    ready = _refresh(job, reason, pull=None)
    if isinstance(ready, RetrainResult):
        return ready
    title = page.title(job.subject.name, reason)
    body = _body(job, reason, ready, dispatched=job.options.dispatch)
    branch = retraining_facts.branch(job.subject.name)
    pull = job.context.github.open_pull(Draft(branch, job.options.branch, title, body)).number
    if not _dispatch(job, pull):
        job.context.github.edit_pull(pull, title=title, body=_body(job, reason, ready))
    note = _complete(job, reason, pull, head=ready.head, begun_at=decision.begun_at)
    return _done(job, RetrainOutcome.OPEN, reason, pull, note)


def _update(job: RetrainJob, decision: UpdatePull) -> RetrainResult:
    reason, pull = decision.reason, decision.pull
    ready = _refresh(job, reason, pull=pull)
    if isinstance(ready, RetrainResult):
        return ready
    dispatched = job.options.dispatch if _dispatch(job, pull) else ""
    note = automerge.enable(job, pull, head=ready.head)
    body = _body(job, reason, ready, dispatched=dispatched)
    job.context.github.edit_pull(pull, title=page.title(job.subject.name, reason), body=body)
    return _done(job, RetrainOutcome.UPDATE, reason, pull, note)


def _finish(job: RetrainJob, decision: FinishPull) -> RetrainResult:
    """Do the steps that follow on the opening of a pull request."""
    reason, pull = decision.reason, decision.pull
    _dispatch(job, pull)
    head = job.subject.head or ""
    note = _complete(job, reason, pull, head=head, begun_at=decision.begun_at)
    return _done(job, RetrainOutcome.FINISH, reason, pull, note)


@dataclass(frozen=True, slots=True)
class _RefreshedBranch:
    """The head of the branch with the refreshed data, and the changed pointers."""

    head: str
    pointers: Mapping[str, RefreshedPointer]


def _refresh(
    job: RetrainJob, reason: RetrainingReason, *, pull: int | None
) -> _RefreshedBranch | RetrainResult:
    """Push refreshed data to the branch; return a result if there is no refreshed data."""
    done = data_branch.refresh(job.context, job.subject)
    refusal = data_branch.check(done)
    if refusal is not None and done.reason:
        failed = RetrainOutcome.FAILED
        return _result(job, failed, reason.cause, pull, refusal.reason, code=errors.EXIT_NO)
    if refusal is not None:
        return _result(job, RetrainOutcome.NOTHING, reason.cause, pull, refusal.reason)
    texts = {path: pointer.text for path, pointer in done.changed.items()}
    return _RefreshedBranch(data_branch.push(job.context, job.subject, texts), done.changed)


def _body(
    job: RetrainJob, reason: RetrainingReason, ready: _RefreshedBranch, *, dispatched: str = ""
) -> str:
    context, subject = job.context, job.subject
    after = context.reader.read(context.repository.tree(ready.head), look_for_imports=False)
    old, new = subject.model.lineage, after.models[subject.name].lineage
    mark = request_decision.mark(subject.facts, reason)
    reports = observation.compared_windows(
        context.ledger, model=subject.name, reference=mark.reference
    )
    return page.pull_body(
        subject.name,
        reason,
        mark,
        reports=reports,
        data=page.data(old.inputs, new.inputs) if old and new else (),
        pointers=ready.pointers,
        dispatched=dispatched,
        labelled=subject.facts.performance,
        picture=drift_plots.url(
            drift_plots.find(context.pictures, reports), prefix=job.options.pictures
        ),
    )


def _dispatch(job: RetrainJob, pull: int) -> bool:
    """Start the workflow of `--dispatch`; False if GitHub refuses."""
    workflow, branch = job.options.dispatch, retraining_facts.branch(job.subject.name)
    if not workflow:
        return True

    def start() -> bool:
        job.context.github.dispatch(workflow, ref=branch, inputs={"pull": str(pull)})
        return True

    return job.attempts.attempt(f"{workflow} is not started", start, otherwise=False)


def _complete(
    job: RetrainJob, reason: RetrainingReason, pull: int, *, head: str, begun_at: str
) -> str:
    """Request reviews, enable auto-merge, add labels, and record that all of it is done; return a
    note for the user."""
    users, teams = _reviewers(job.subject.facts.rule.reviewers)
    # One after the other: a token without access to teams can still request users.
    _request_reviews(job, pull, users=users)
    _request_reviews(job, pull, teams=teams)
    note = automerge.enable(job, pull, head=head)
    job.attempts.attempt(
        f"#{pull} has no labels",
        lambda: job.context.github.add_labels(pull, retraining_facts.LABELS),
        otherwise=None,
    )
    mark = request_decision.mark(job.subject.facts, reason)
    request_records.write(
        job, mark, RetrainingStep.OPENED, pull=pull, sentence=reason.sentence, at=begun_at
    )
    return note


def _request_reviews(
    job: RetrainJob, pull: int, *, users: tuple[str, ...] = (), teams: tuple[str, ...] = ()
) -> None:
    if users or teams:
        job.attempts.attempt(
            f"no review is requested from {', '.join((*users, *teams))}",
            lambda: job.context.github.request_reviews(pull, people=users, teams=teams),
            otherwise=None,
        )


def _reviewers(reviewers: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split reviewers into users and teams, as CODEOWNERS does: `@octocat`, `@acme/vision`."""
    names = [reviewer.removeprefix("@") for reviewer in reviewers]
    users = tuple(name for name in names if "/" not in name)
    return users, tuple(name.partition("/")[2] for name in names if "/" in name)


def _comment(job: RetrainJob, decision: CommentOnPull) -> RetrainResult:
    pull, mark, sentence = decision.pull, decision.mark, decision.sentence
    marker = f"<!-- interlock:window {job.subject.name} {mark.window_end} -->"
    body = page.comment(sentence, marker=marker)
    job.context.github.upsert_comment(pull, marker=marker, body=body)
    request_records.write(job, mark, RetrainingStep.COMMENTED, pull=pull, sentence=sentence)
    return _result(job, RetrainOutcome.COMMENT, mark.cause, pull, sentence)


def _close(job: RetrainJob, decision: ClosePull) -> RetrainResult:
    """Record it first: a closed pull request without a record was closed by a user, and snoozes its
    cause."""
    sentence, mark = decision.sentence, decision.mark
    request_records.write(job, mark, RetrainingStep.CLOSED, pull=decision.pull, sentence=sentence)
    pull = next(pull for pull in job.subject.pulls if pull.number == decision.pull)
    body = page.closed_body(pull.body, sentence)
    job.context.github.edit_pull(pull.number, title=pull.title, body=body, state="closed")
    return _result(job, RetrainOutcome.CLOSE, mark.cause, pull.number, sentence)


def _done(
    job: RetrainJob, outcome: RetrainOutcome, reason: RetrainingReason, pull: int, note: str
) -> RetrainResult:
    sentence = f"{reason.sentence}; {note}" if note else reason.sentence
    return _result(job, outcome, reason.cause, pull, sentence)


def _result(
    job: RetrainJob,
    outcome: RetrainOutcome,
    cause: Cause,
    pull: int | None,
    sentence: str,
    *,
    code: int = errors.EXIT_DONE,
) -> RetrainResult:
    return RetrainResult(job.subject.name, outcome, cause, sentence, pull, exit_code=code)
