"""Commands in comments: the permission that each needs, its outcome, and the jobs that follow."""

from __future__ import annotations

from dataclasses import dataclass

from interlock.domain.access import permissions
from interlock.domain.access.command_record import CommandOutcome
from interlock.domain.access.comment_command import Verb

# These change nothing, so read access is enough.
_READ_ONLY = frozenset({Verb.HELP, Verb.PLAN})
_READERS = frozenset({"read", "triage"})


@dataclass(frozen=True, slots=True)
class NextJobs:
    """The jobs that must run next."""

    train: bool = False
    evaluate: bool = False
    promote: bool = False
    report: bool = False
    plan: bool = False
    retrain: bool = False


@dataclass(frozen=True, slots=True)
class CommandReply:
    """The outcome of a comment or a review. `sha` is the commit for the next jobs, `base` the base
    of its plan; None without one."""

    outcome: CommandOutcome
    sentence: str
    verb: Verb | None = None
    pull: int | None = None
    sha: str | None = None
    base: str | None = None
    models: tuple[str, ...] = ()
    next: NextJobs = NextJobs()


def may(verb: Verb, permission: str) -> bool:
    """`permission` is the one of GitHub's collaborator endpoint; apps have none."""
    if permissions.may_write(permission):
        return True
    return verb in _READ_ONLY and permission in _READERS


_JOBS_AFTER = {
    (Verb.PLAN, CommandOutcome.STARTED): NextJobs(plan=True, report=True),
    (Verb.TRAIN, CommandOutcome.STARTED): NextJobs(
        plan=True, train=True, evaluate=True, report=True
    ),
    (Verb.PROMOTE, CommandOutcome.STARTED): NextJobs(evaluate=True, promote=True, report=True),
    (Verb.ROLLBACK, CommandOutcome.STARTED): NextJobs(promote=True, report=True),
    (Verb.HOLD, CommandOutcome.STARTED): NextJobs(promote=True, report=True),
    (Verb.RETRAIN, CommandOutcome.STARTED): NextJobs(retrain=True, report=True),
    (Verb.RELEASE, CommandOutcome.DONE): NextJobs(evaluate=True, promote=True, report=True),
}


def jobs_after(verb: Verb | None, outcome: CommandOutcome) -> NextJobs:
    """Return the jobs after a recorded command; a report is always one of them."""
    return (
        _JOBS_AFTER.get((verb, outcome), NextJobs(report=True)) if verb else NextJobs(report=True)
    )
