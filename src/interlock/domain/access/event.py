"""What happened on GitHub, as far as any rule asks; how GitHub writes it down is not known here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EventKind(StrEnum):
    """Named as GitHub names what starts a workflow.

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
    """Times are GitHub's own words; they differ once it was edited."""

    id: int
    author: str
    body: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class ReviewEvent:
    """`state` in lower case, as approved; `sha` is the commit that was looked at."""

    id: int
    author: str
    state: str
    body: str
    sha: str


@dataclass(frozen=True, slots=True)
class RunEvent:
    """Another workflow's run that ended: what started it, who, and on which commit.

    `head.ref` is "" for a run on no branch, `conclusion` while it runs.
    """

    id: int
    event: str
    actor: str
    conclusion: str
    head: Head


@dataclass(frozen=True, slots=True)
class Event:
    """Only what its kind brings is set; the rest is empty, 0 or None.

    `number` is the pull request's, `sender` whose act it was, `sha` the commit that it is about,
    `ref` a full one, as refs/heads/main.
    """

    kind: EventKind
    action: str = ""
    repository: str = ""
    default_branch: str = ""
    sender: str = ""
    ref: str = ""
    sha: str = ""
    number: int = 0
    pull: PullRequest | None = None
    comment: CommentEvent | None = None
    review: ReviewEvent | None = None
    run: RunEvent | None = None
