"""Finds the commit that the job of an event trains, from the event and Git alone."""

from __future__ import annotations

from dataclasses import dataclass

from interlock import errors
from interlock.domain.access.event import Event, EventKind
from interlock.domain.basics import commit_ids
from interlock.services import change_commits
from interlock.services.change_commits import ChangeCommits

_ON_MAIN = frozenset({EventKind.PUSH, EventKind.SCHEDULE, EventKind.DISPATCH})


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCommits:
    """`commit` is trained, and planned against the merge base with `base`; without a base against
    the champions. `merge` is the merge commit of a pull request's event. `is_only_shown`: no
    candidate of this event counts, but a report may show it."""

    commit: str
    merge: str | None = None
    base: str | None = None
    is_only_shown: bool = False


def find(event: Event, commits: ChangeCommits, *, sha: str, requested: str) -> EventCommits:
    """Return the commits of an event; `sha` is GITHUB_SHA, `requested` the commit of a comment.

    Raises Refused for an event that may attest nothing, CannotReachGit for a commit that origin
    lacks.
    """
    of_event = _find(event, commits, sha=sha, requested=requested)
    if requested and requested != of_event.commit:
        raise errors.Refused(
            f"--rev is {requested[:12]}, and the event is of {of_event.commit[:12]}",
            hint="attest the commit of the event, and leave out --rev",
        )
    return of_event


def _find(event: Event, commits: ChangeCommits, *, sha: str, requested: str) -> EventCommits:
    if event.kind is EventKind.PULL_REQUEST:
        return _of_pull(event, commits, sha)
    change_commits.fetch(commits.repository, sha)
    if event.kind is EventKind.MERGE_GROUP and event.sha == sha and event.base:
        change_commits.fetch(commits.repository, event.base)
        return EventCommits(commit=sha, base=event.base)
    if event.kind is EventKind.DISPATCH and event.ref != f"refs/heads/{commits.branch}":
        return EventCommits(commit=sha, base=commits.tip, is_only_shown=True)
    if event.kind in _ON_MAIN:
        return EventCommits(commit=sha)
    if event.kind is EventKind.COMMENT and commit_ids.WHOLE.fullmatch(requested):
        change_commits.fetch(commits.repository, requested)
        return EventCommits(commit=requested, base=commits.tip, is_only_shown=True)
    raise errors.Refused(
        f"no candidate of the event {event.kind.value or 'of this job'} at {sha[:12]} can count",
        hint="after a comment, --rev must have all digits of the commit",
    )


def _of_pull(event: Event, commits: ChangeCommits, sha: str) -> EventCommits:
    pull = event.pull
    if pull is None:
        raise errors.Refused("the event has no pull request", hint="GitHub sets GITHUB_EVENT_PATH")
    _, head = commits.fetch_parents(sha, into=pull.base.ref)
    if head != pull.head.sha:
        raise errors.Refused(
            f"{sha[:12]} merges {head[:12]}, and the event is of {pull.head.sha[:12]}",
            hint="a newer push starts its own jobs: wait for them",
        )
    change_commits.fetch(commits.repository, pull.base.sha)
    is_only_shown = pull.base.ref != commits.branch
    return EventCommits(commit=head, merge=sha, base=pull.base.sha, is_only_shown=is_only_shown)
