"""What was decided about a retraining, carried out: each effect found before it is made, so that a
rerun goes on where a run was cut off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from interlock import errors
from interlock.commands.retrain import automerge, data_branch, handover_files, request_records
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
    """Do the one thing that was decided. Raises OutsideFailure when a system is out of reach."""
    decision = job.subject.decision
    if isinstance(decision, OpenPull | UpdatePull):
        absent = handover_files.why_not(job.world, job.subject)
        if absent:
            return RetrainResult(
                job.subject.name, RetrainOutcome.NOTHING, decision.need.cause, None, None, absent
            )
    if isinstance(decision, OpenPull | UpdatePull) and not decision.begun_at:
        # The word goes before the effects: limits count it, and a rerun goes on with it.
        decision = request_records.ask(job)
    return _act(job, decision)


def _act(job: RetrainJob, decision: Decision) -> RetrainResult:
    match decision:
        case NoAction(reason=reason):
            standing = next((pull.number for pull in job.subject.pulls if pull.is_open), None)
            return RetrainResult(
                job.subject.name, RetrainOutcome.NOTHING, Cause.NONE, standing, None, reason
            )
        case OpenPull():
            return _open(job, decision)
        case UpdatePull():
            return _update(job, decision)
        case FinishPull():
            return _finish(job, decision)
        case CommentOnPull():
            return _remark(job, decision)
        case ClosePull():
            return _close(job, decision)
        case _:
            assert_never(decision)


def _open(job: RetrainJob, decision: OpenPull) -> RetrainResult:
    need = decision.need
    ready = _ready(job, need, pull=None)
    if isinstance(ready, RetrainResult):
        return ready
    title = page.title(job.subject.name, need)
    body = _body(job, need, ready, dispatched=job.request.dispatch)
    branch = retraining_facts.branch(job.subject.name)
    pull = job.world.github.open_pull(Draft(branch, job.request.branch, title, body)).number
    if not _dispatch(job, pull):
        job.world.github.edit_pull(pull, title=title, body=_body(job, need, ready))
    more = _bring(job, need, pull, head=ready.head, begun_at=decision.begun_at)
    return _told(job, RetrainOutcome.OPEN, need, pull, more)


def _update(job: RetrainJob, decision: UpdatePull) -> RetrainResult:
    need, pull = decision.need, decision.pull
    ready = _ready(job, need, pull=pull)
    if isinstance(ready, RetrainResult):
        return ready
    dispatched = job.request.dispatch if _dispatch(job, pull) else ""
    left = automerge.leave(job, pull, head=ready.head)
    body = _body(job, need, ready, dispatched=dispatched)
    job.world.github.edit_pull(pull, title=page.title(job.subject.name, need), body=body)
    return _told(job, RetrainOutcome.UPDATE, need, pull, left)


def _finish(job: RetrainJob, decision: FinishPull) -> RetrainResult:
    """Its text is there: what follows on that was cut off."""
    need, pull = decision.need, decision.pull
    _dispatch(job, pull)
    head = job.subject.head or ""
    more = _bring(job, need, pull, head=head, begun_at=decision.begun_at)
    return _told(job, RetrainOutcome.FINISH, need, pull, more)


@dataclass(frozen=True, slots=True)
class _RefreshedBranch:
    """The branch's head, with newer data on it."""

    head: str
    brought: Mapping[str, RefreshedPointer]


def _ready(
    job: RetrainJob, need: RetrainingReason, *, pull: int | None
) -> _RefreshedBranch | RetrainResult:
    """The branch with newer data on it, or why there is none."""
    done = data_branch.refresh(job.world, job.subject)
    failed = data_branch.why_not(done)
    if failed:
        name, cause = job.subject.name, need.cause
        if not done.reason:
            return RetrainResult(name, RetrainOutcome.NOTHING, cause, pull, None, failed)
        return RetrainResult(name, RetrainOutcome.FAILED, cause, pull, None, failed, errors.EXIT_NO)
    texts = {path: brought.text for path, brought in done.changed.items()}
    return _RefreshedBranch(data_branch.push(job.world, job.subject, texts), done.changed)


def _body(
    job: RetrainJob, need: RetrainingReason, ready: _RefreshedBranch, *, dispatched: str = ""
) -> str:
    world, subject = job.world, job.subject
    after = world.reader.read(world.repository.tree(ready.head), look_for_imports=False)
    old, new = subject.model.lineage, after.models[subject.name].lineage
    mark = request_decision.mark(subject.situation, need)
    reports = [r for r in subject.situation.drift if r.reference == mark.reference]
    return page.pull_body(
        subject.name,
        need,
        mark,
        reports=reports,
        data=page.data(old.inputs, new.inputs) if old and new else (),
        brought=ready.brought,
        dispatched=dispatched,
        labelled=subject.situation.performance,
        picture=drift_plots.url(
            drift_plots.find(world.ledger, reports), prefix=job.request.pictures
        ),
    )


def _dispatch(job: RetrainJob, pull: int) -> bool:
    """Start the workflow that checks a pull request, where one is to be started; whether all is
    well."""
    workflow, branch = job.request.dispatch, retraining_facts.branch(job.subject.name)
    if not workflow:
        return True

    def start() -> bool:
        job.world.github.dispatch(workflow, ref=branch, inputs={"pull": str(pull)})
        return True

    return job.attempts.attempt(f"{workflow} was not started", start, otherwise=False)


def _bring(job: RetrainJob, need: RetrainingReason, pull: int, *, head: str, begun_at: str) -> str:
    """Ask for reviews, leave the merge to GitHub where that is allowed, set the labels, and write
    that down, which says that it was brought to the end; a note for who runs this."""
    people, teams = _reviewers(job.subject.situation.rule.reviewers)
    # One after the other: a token that may not ask teams may ask people.
    _request(job, pull, people=people)
    _request(job, pull, teams=teams)
    left = automerge.leave(job, pull, head=head)
    job.attempts.attempt(
        f"#{pull} has not its labels",
        lambda: job.world.github.add_labels(pull, retraining_facts.LABELS),
        otherwise=None,
    )
    mark = request_decision.mark(job.subject.situation, need)
    said = need.sentence
    request_records.write(job, mark, RetrainingStep.OPENED, pull=pull, sentence=said, at=begun_at)
    return left


def _request(
    job: RetrainJob, pull: int, *, people: tuple[str, ...] = (), teams: tuple[str, ...] = ()
) -> None:
    if people or teams:
        job.attempts.attempt(
            f"{', '.join((*people, *teams))} could not be asked to review it",
            lambda: job.world.github.request_reviews(pull, people=people, teams=teams),
            otherwise=None,
        )


def _reviewers(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """People and teams of words as CODEOWNERS has them: `@octocat`, `@acme/vision`."""
    names = [word.removeprefix("@") for word in words]
    people = tuple(name for name in names if "/" not in name)
    return people, tuple(name.partition("/")[2] for name in names if "/" in name)


def _remark(job: RetrainJob, decision: CommentOnPull) -> RetrainResult:
    pull, mark, said = decision.pull, decision.mark, decision.sentence
    marker = f"<!-- interlock:window {job.subject.name} {mark.window_end} -->"
    body = page.remark(said, marker=marker)
    job.world.github.upsert_comment(pull, marker=marker, body=body)
    request_records.write(job, mark, RetrainingStep.COMMENTED, pull=pull, sentence=said)
    return RetrainResult(job.subject.name, RetrainOutcome.COMMENT, mark.cause, pull, None, said)


def _close(job: RetrainJob, decision: ClosePull) -> RetrainResult:
    """Written down first: a pull request that is closed without a record of ours was closed by
    people, and that snoozes."""
    said, mark = decision.sentence, decision.mark
    request_records.write(job, mark, RetrainingStep.CLOSED, pull=decision.pull, sentence=said)
    pull = next(pull for pull in job.subject.pulls if pull.number == decision.pull)
    body = page.closing(pull.body, said)
    job.world.github.edit_pull(pull.number, title=pull.title, body=body, state="closed")
    return RetrainResult(
        job.subject.name, RetrainOutcome.CLOSE, mark.cause, pull.number, None, said
    )


def _told(
    job: RetrainJob, word: RetrainOutcome, need: RetrainingReason, pull: int, *notes: str
) -> RetrainResult:
    said = "; ".join([need.sentence, *(note for note in notes if note)])
    return RetrainResult(job.subject.name, word, need.cause, pull, None, said)
