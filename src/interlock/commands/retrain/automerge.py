"""Leaving a retraining's merge to GitHub, and taking that back."""

from __future__ import annotations

from interlock.commands.retrain.context import RetrainJob, RetrainSubject
from interlock.domain.retraining import automerge
from interlock.ports.github import VERDICT, Pull


def leave(job: RetrainJob, number: int, *, head: str) -> str:
    """Have GitHub merge what is ours where the policy allows it; a note for who runs this.

    Only where the branch requires the verdict: GitHub waits for what is required, and for nothing
    else. A refusal is said, and leaves the merge to a person.
    """
    standing = next((pull for pull in job.subject.pulls if pull.number == number), None)
    is_on = standing is not None and standing.has_auto_merge
    if is_on or automerge.why_not(job.subject.situation):
        return ""
    return job.attempts.attempt(
        "it waits for a person", lambda: _leave(job, number, head=head), otherwise=""
    )


def _leave(job: RetrainJob, number: int, *, head: str) -> str:
    github, branch = job.world.github, job.request.branch
    if VERDICT not in github.required_checks(branch):
        return f"it waits for a person: {branch} does not require the check `{VERDICT}`"
    github.enable_auto_merge(number, head=head)
    return f"GitHub merges it once all that {branch} requires is met"


def take_back(job: RetrainJob) -> str:
    """Let a person merge what no longer may be merged without one; a note where that is new.

    Raises CannotReachGitHub, and nothing else is done then: it could be merged as it is.
    """
    for pull in job.subject.pulls:
        reason = _why_not(job.subject, pull)
        if reason and job.world.github.disable_auto_merge(pull.number):
            return f"#{pull.number} is not merged by itself any more: {reason}"
    return ""


def _why_not(subject: RetrainSubject, pull: Pull) -> str:
    if not (pull.is_open and pull.has_auto_merge):
        return ""
    proposals = subject.situation.proposals
    return automerge.why_not(
        subject.situation, next(each for each in proposals if each.number == pull.number)
    )
