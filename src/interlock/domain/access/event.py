"""Events on GitHub that a rule uses; the format of GitHub's payloads is handled elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EventKind(StrEnum):
    """GitHub's names of the events that start a workflow.

    OTHER: an event without a rule, for example a comment on an issue.
    """

    PULL_REQUEST = "pull_request"
    REVIEW = "pull_request_review"
    COMMENT = "issue_comment"
    MERGE_GROUP = "merge_group"
    PUSH = "push"
    SCHEDULE = "schedule"
    DISPATCH = "workflow_dispatch"
    REPOSITORY_DISPATCH = "repository_dispatch"
    RUN_ENDED = "workflow_run"
    OTHER = ""


@dataclass(frozen=True, slots=True)
class Head:
    """A branch of a pull request; `repository` (owner/name) is "" when the fork is gone."""

    repository: str
    ref: str
    sha: str


@dataclass(frozen=True, slots=True)
class PullRequest:
    """`author` is "" when the account is gone."""

    number: int
    author: str
    head: Head
    base: Head


@dataclass(frozen=True, slots=True)
class CommentEvent:
    """Times are GitHub's own texts. They differ after an edit."""

    id: int
    author: str
    body: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class ReviewEvent:
    """`state` is in lower case, for example approved; `sha` is the reviewed commit."""

    id: int
    author: str
    state: str
    body: str
    sha: str


@dataclass(frozen=True, slots=True)
class RunEvent:
    """A finished run of another workflow: its event, its actor and its commit.

    `head.ref` is "" for a run without a branch; `conclusion` is "" during the run.
    """

    id: int
    event: str
    actor: str
    conclusion: str
    head: Head


@dataclass(frozen=True, slots=True)
class Event:
    """Only the fields of its kind are set; the rest is empty, 0 or None.

    `number` is that of the pull request, `sender` the user who caused the event, `sha` its commit,
    `base` the commit below a merge group, `ref` a full name, for example refs/heads/main.
    """

    kind: EventKind
    action: str = ""
    repository: str = ""
    default_branch: str = ""
    sender: str = ""
    ref: str = ""
    sha: str = ""
    base: str = ""
    number: int = 0
    pull: PullRequest | None = None
    comment: CommentEvent | None = None
    review: ReviewEvent | None = None
    run: RunEvent | None = None
