"""What people ask for in comments, who may, what came of it, and which jobs follow; the effects are
elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from interlock.domain.access import permissions
from interlock.domain.access.comment_command import Verb

# What changes nothing that anybody relies on: whoever can read the repository may ask for it.
_FREE = frozenset({Verb.HELP, Verb.PLAN})
_READERS = frozenset({"read", "triage"})


class CommentKind(StrEnum):
    COMMENT = "comment"
    REVIEW = "review"


class CommandOutcome(StrEnum):
    """STARTED: jobs that follow do it. IGNORED: nothing was asked, or it was done before."""

    DONE = "done"
    STARTED = "started"
    REFUSED = "refused"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """One command on a pull request, by somebody who may write, and what came of it.

    `id` is GitHub's of the comment or review. `sentence` goes on after `text`, the command as it
    was understood or the line that was not; `sha` is the commit that it was bound to. `run` is the
    URL of the workflow run that did it, "" outside of one.
    """

    pull: int
    source: CommentKind
    id: int
    by: str
    text: str
    outcome: CommandOutcome
    sentence: str
    at: str
    verb: Verb | None = None
    sha: str | None = None
    models: tuple[str, ...] = ()
    run: str = ""


@dataclass(frozen=True, slots=True)
class NextJobs:
    """Which jobs must follow now."""

    train: bool = False
    evaluate: bool = False
    promote: bool = False
    report: bool = False
    plan: bool = False
    retrain: bool = False


@dataclass(frozen=True, slots=True)
class CommandReply:
    """What came of a comment or a review. `sha` is the one commit that what follows is bound to,
    `base` what a plan of it is made against; None where it is about none."""

    outcome: CommandOutcome
    sentence: str
    verb: Verb | None = None
    pull: int | None = None
    sha: str | None = None
    base: str | None = None
    models: tuple[str, ...] = ()
    next: NextJobs = NextJobs()


def may(verb: Verb, permission: str) -> bool:
    """`permission` is what GitHub's collaborator endpoint says; apps have none."""
    if permissions.may_write(permission):
        return True
    return verb in _FREE and permission in _READERS


_FOLLOW = {
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
    """Return the jobs that must follow a command that is recorded: at least it is told."""
    return _FOLLOW.get((verb, outcome), NextJobs(report=True)) if verb else NextJobs(report=True)
