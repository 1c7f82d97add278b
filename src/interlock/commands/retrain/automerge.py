"""Auto-merge of a retraining pull request on GitHub: enable it, and disable it again."""

from __future__ import annotations

from interlock.commands.retrain.context import RetrainJob, RetrainSubject
from interlock.domain.basics.refusal import Refusal
from interlock.domain.retraining import automerge
from interlock.ports.github import VERDICT, Pull


def enable(job: RetrainJob, number: int, *, head: str) -> str:
    """Enable auto-merge if the policy allows it; return a note for the user, "" without one.

    It is enabled only if the branch requires the verdict: GitHub waits only for required checks. If
    GitHub refuses, the note reports it, and a user merges.
    """
    open_pull = next((pull for pull in job.subject.pulls if pull.number == number), None)
    is_on = open_pull is not None and open_pull.has_auto_merge
    if is_on or automerge.check(job.subject.facts) is not None:
        return ""
    return job.attempts.attempt(
        "auto-merge is not enabled", lambda: _enable(job, number, head=head), otherwise=""
    )


def _enable(job: RetrainJob, number: int, *, head: str) -> str:
    github, branch = job.context.github, job.options.branch
    if VERDICT not in github.required_checks(branch):
        return f"auto-merge is not enabled: {branch} does not require the check `{VERDICT}`"
    github.enable_auto_merge(number, head=head)
    return f"GitHub merges it when all requirements of {branch} are met"


def disable(job: RetrainJob) -> str:
    """Disable auto-merge if it is no longer allowed; return a note if something changed.

    Raises CannotReachGitHub, which ends the run: GitHub could merge the pull request as it is.
    """
    for pull in job.subject.pulls:
        refusal = _check(job.subject, pull)
        if refusal is not None and job.context.github.disable_auto_merge(pull.number):
            return f"auto-merge of #{pull.number} is disabled: {refusal}"
    return ""


def _check(subject: RetrainSubject, pull: Pull) -> Refusal | None:
    if not (pull.is_open and pull.has_auto_merge):
        return None
    pulls = subject.facts.pulls
    return automerge.check(subject.facts, next(p for p in pulls if p.number == pull.number))
