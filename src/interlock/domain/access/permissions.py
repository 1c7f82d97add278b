"""Who may do what: one table, read by Python and written out for a workflow's `if:`.

No fact is looked up here. What is unknown is trusted least.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from interlock.domain.access.event import Event, EventKind, PullRequest


class Trust(StrEnum):
    """What a run's code and its starter are, from the least trusted up.

    FORK: the code is not the repository's, or nothing is known.
    BOT: Dependabot started it; GitHub gives it a read-only token and no secrets.
    OUTSIDER: main's own workflow, started by somebody who need not be able to write.
    BRANCH: code on a branch of the repository: whoever put it there may write.
    MAIN: main's own code and workflow, started by somebody who may write, or by the clock.
    """

    FORK = "fork"
    BOT = "bot"
    OUTSIDER = "outsider"
    BRANCH = "branch"
    MAIN = "main"


class JobKind(StrEnum):
    """A job of a workflow. COMMAND reads a comment, asks what its author may, and answers; PROMOTE
    stands for all that acts for main, as looking at live data does; RETRAIN asks for a training."""

    PLAN = "plan"
    REPORT = "report"
    COMMAND = "command"
    TRAIN = "train"
    EVALUATE = "evaluate"
    PROMOTE = "promote"
    RETRAIN = "retrain"


# The single source. Each row holds the rows above it, so an `if:` need only ask "at least".
TABLE: Mapping[Trust, frozenset[JobKind]] = {
    Trust.FORK: frozenset({JobKind.PLAN}),
    Trust.BOT: frozenset({JobKind.PLAN}),
    Trust.OUTSIDER: frozenset({JobKind.PLAN, JobKind.REPORT, JobKind.COMMAND}),
    Trust.BRANCH: frozenset(
        {JobKind.PLAN, JobKind.REPORT, JobKind.COMMAND, JobKind.TRAIN, JobKind.EVALUATE}
    ),
    Trust.MAIN: frozenset(JobKind),
}

# https://docs.github.com/en/code-security/dependabot/working-with-dependabot/troubleshooting-dependabot-on-github-actions
DEPENDABOT = "dependabot[bot]"
_WRITERS = frozenset({"admin", "maintain", "write"})

_OWN = "github.event.pull_request.head.repo.full_name == github.repository"
_NO_BOT = f"github.actor != '{DEPENDABOT}'"
_MAIN = "github.ref == format('refs/heads/{0}', github.event.repository.default_branch)"
_ON_PULL = "github.event.issue.pull_request"
_ASKED = "needs.command.outputs.{job} == 'true'"
_ALWAYS = ""

_CHANGE = {Trust.BRANCH: f"{_OWN} && {_NO_BOT}"}
_REF = {Trust.BRANCH: _NO_BOT, Trust.MAIN: f"{_NO_BOT} && {_MAIN}"}
# When a run is trusted at least so, from the least trust up; below the first it is as FORK.
_AT_LEAST: Mapping[EventKind, Mapping[Trust, str]] = {
    EventKind.PULL_REQUEST: _CHANGE,
    EventKind.REVIEW: _CHANGE,
    EventKind.COMMENT: {Trust.OUTSIDER: _ON_PULL, Trust.MAIN: f"{_ON_PULL} && {_ASKED}"},
    EventKind.MERGE_GROUP: {Trust.BRANCH: _ALWAYS},
    EventKind.PUSH: _REF,
    EventKind.DISPATCH: _REF,
    EventKind.REPOSITORY_DISPATCH: {Trust.MAIN: _ALWAYS},
    EventKind.SCHEDULE: {Trust.MAIN: _ALWAYS},
    EventKind.RUN_ENDED: {Trust.OUTSIDER: _ALWAYS},
}

_OF_KIND: Mapping[EventKind, Trust] = {
    EventKind.COMMENT: Trust.OUTSIDER,
    EventKind.RUN_ENDED: Trust.OUTSIDER,
    EventKind.MERGE_GROUP: Trust.BRANCH,
    EventKind.SCHEDULE: Trust.MAIN,
    EventKind.REPOSITORY_DISPATCH: Trust.MAIN,
}

# A run on a pull request that may not report itself: main's own workflow does it once it ended.
LEFT_TO_REPORT = (
    "github.event.workflow_run.event == 'pull_request' && "
    "(github.event.workflow_run.head_repository.full_name != github.repository || "
    f"github.event.workflow_run.actor.login == '{DEPENDABOT}')"
)


def may(trust: Trust, job: JobKind) -> bool:
    """Whether a run that is trusted so may have this job."""
    return job in TABLE[trust]


def may_write(permission: str) -> bool:
    """Whether GitHub's word for somebody's permission means that they can push."""
    return permission in _WRITERS


def trust_of(event: Event, *, permission: str = "none") -> Trust:
    """How far the run that this event starts is trusted.

    `permission` is that of a comment's author, asked of GitHub: what a payload says of them is
    not reliable.
    """
    match event.kind:
        case EventKind.PULL_REQUEST | EventKind.REVIEW:
            return _of_change(event)
        case EventKind.PUSH | EventKind.DISPATCH:
            return _of_ref(event)
        case EventKind.COMMENT if may_write(permission):
            return Trust.MAIN
    return _OF_KIND.get(event.kind, Trust.FORK)


def _of_change(event: Event) -> Trust:
    if event.pull is None or not _is_own(event.pull, event.repository):
        return Trust.FORK
    return Trust.BOT if event.sender == DEPENDABOT else Trust.BRANCH


def _is_own(pull: PullRequest, repository: str) -> bool:
    """Whether the head is the repository's; a deleted fork is "", and no repository is."""
    return bool(repository) and pull.head.repository.upper() == repository.upper()


def _of_ref(event: Event) -> Trust:
    if event.sender == DEPENDABOT:
        return Trust.BOT
    is_main = bool(event.default_branch) and event.ref == f"refs/heads/{event.default_branch}"
    return Trust.MAIN if is_main else Trust.BRANCH


def condition(job: JobKind, *, events: Iterable[EventKind] = tuple(_AT_LEAST)) -> str:
    """Return the expression of GitHub's that holds where the job may run.

    It names these events and is false for every other. A comment's author is not known from the
    event: there it asks the job `command` before it, whose output of the job's name is 'true'
    only if they may write.
    """
    if may(Trust.FORK, job):
        return "true"
    alike: dict[str, list[EventKind]] = {}
    for kind in events:
        when = _when(kind, job)
        if when is not None:
            alike.setdefault(when, []).append(kind)
    terms = [_term(kinds, when) for when, kinds in alike.items()]
    return _either(terms) if terms else "false"


def _when(kind: EventKind, job: JobKind) -> str | None:
    """What must hold of such an event, None where nothing makes it do."""
    rungs = _AT_LEAST.get(kind, {}).items()
    found = (when for trust, when in rungs if may(trust, job))
    return next((when.replace("{job}", job) for when in found), None)


def _term(kinds: list[EventKind], when: str) -> str:
    names = _either([f"github.event_name == '{kind}'" for kind in kinds])
    if when == _ALWAYS:
        return names
    return f"({names}) && {when}" if len(kinds) > 1 else f"{names} && {when}"


def _either(terms: list[str]) -> str:
    """Any of them; `&&` binds more than `||` does, a person need not know."""
    return " || ".join(f"({t})" if " && " in t and len(terms) > 1 else t for t in terms)
