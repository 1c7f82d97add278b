"""The jobs that each run may have: one table, for Python and for the `if:` of a workflow.

An unknown event gets the least trust.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from interlock.domain.access.event import Event, EventKind, PullRequest


class Trust(StrEnum):
    """The trust in a run, by its code and the user who started it; the least trust first.

    FORK: code of another repository, or an unknown event.
    BOT: started by Dependabot; GitHub gives it a read-only token and no secrets.
    OUTSIDER: main's own workflow, started by a user who may have no write access.
    BRANCH: code on a branch of the repository, pushed by a user with write access.
    MAIN: main's own code and workflow, started by a user with write access or by the schedule.
    """

    FORK = "fork"
    BOT = "bot"
    OUTSIDER = "outsider"
    BRANCH = "branch"
    MAIN = "main"


class JobKind(StrEnum):
    """A job of a workflow. COMMAND executes a comment command. PROMOTE includes all jobs that act
    for main, for example monitoring. RETRAIN opens retraining pull requests."""

    PLAN = "plan"
    REPORT = "report"
    COMMAND = "command"
    TRAIN = "train"
    EVALUATE = "evaluate"
    PROMOTE = "promote"
    RETRAIN = "retrain"


# The single source. Each row includes the rows above it, so an `if:` needs only "at least".
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
_REQUESTED = "needs.command.outputs.{job} == 'true'"
_ALWAYS = ""

_CHANGE = {Trust.BRANCH: f"{_OWN} && {_NO_BOT}"}
_REF = {Trust.BRANCH: _NO_BOT, Trust.MAIN: f"{_NO_BOT} && {_MAIN}"}
# The condition for each level of trust, the least trust first; without any, it is FORK.
_AT_LEAST: Mapping[EventKind, Mapping[Trust, str]] = {
    EventKind.PULL_REQUEST: _CHANGE,
    EventKind.REVIEW: _CHANGE,
    EventKind.COMMENT: {Trust.OUTSIDER: _ON_PULL, Trust.MAIN: f"{_ON_PULL} && {_REQUESTED}"},
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

# A run on a pull request that may not report: after its end, main's own workflow reports it.
LEFT_TO_REPORT = (
    "github.event.workflow_run.event == 'pull_request' && "
    "(github.event.workflow_run.head_repository.full_name != github.repository || "
    f"github.event.workflow_run.actor.login == '{DEPENDABOT}')"
)


def may(trust: Trust, job: JobKind) -> bool:
    """True if a run with this trust may run this job."""
    return job in TABLE[trust]


def may_write(permission: str) -> bool:
    """True if a permission of GitHub includes write access."""
    return permission in _WRITERS


def trust_of(event: Event, *, permission: str = "none") -> Trust:
    """Return the trust in the run that this event starts.

    `permission` is that of a comment's author, from GitHub's API: a payload is not reliable.
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
    """True if the head is in the repository. The name of a deleted fork is "": it never matches."""
    return bool(repository) and pull.head.repository.upper() == repository.upper()


def _of_ref(event: Event) -> Trust:
    if event.sender == DEPENDABOT:
        return Trust.BOT
    is_main = bool(event.default_branch) and event.ref == f"refs/heads/{event.default_branch}"
    return Trust.MAIN if is_main else Trust.BRANCH


def condition(job: JobKind, *, events: Iterable[EventKind] = tuple(_AT_LEAST)) -> str:
    """Return the GitHub expression that is true if the job may run.

    It is false for all other events. An event has no permission of a comment's author, so there the
    expression reads the output of the job `command`, which is 'true' only with write access.
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
    """Return the condition for such an event; None if the job may never run for it."""
    levels = _AT_LEAST.get(kind, {}).items()
    conditions = (when for trust, when in levels if may(trust, job))
    return next((when.replace("{job}", job) for when in conditions), None)


def _term(kinds: list[EventKind], when: str) -> str:
    names = _either([f"github.event_name == '{kind}'" for kind in kinds])
    if when == _ALWAYS:
        return names
    return f"({names}) && {when}" if len(kinds) > 1 else f"{names} && {when}"


def _either(terms: list[str]) -> str:
    """Join with `||`; parentheses show that `&&` binds more tightly."""
    return " || ".join(f"({t})" if " && " in t and len(terms) > 1 else t for t in terms)
