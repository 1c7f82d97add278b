"""The calls of GitHub; every write looks for an existing object before it creates one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from interlock.domain.evaluation.acceptance import ChangeAuthors


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request; `head_repository` is "" when the fork is gone.

    `base_repository` is where it is to be merged; the two differ for a fork. `number` is 0 for a
    merge queue's group, which is not a pull request: it has a check and no conversation.
    `closed_at` is ISO 8601, "" while it is open. `has_auto_merge`: GitHub will merge it once all
    requirements of its base are met, no matter who enabled that.
    """

    number: int
    title: str
    body: str
    author: str
    state: str
    head_sha: str
    head_ref: str
    head_repository: str
    base_ref: str
    base_sha: str
    merged: bool = False
    merge_commit_sha: str = ""
    labels: tuple[str, ...] = ()
    base_repository: str = ""
    closed_at: str = ""
    has_auto_merge: bool = False

    @property
    def is_open(self) -> bool:
        return self.state == "open"

    @property
    def is_fork(self) -> bool:
        """Whether the branch is not the repository's own; unknown counts as a fork."""
        return not self.head_repository or self.head_repository != self.base_repository


VERDICT = "interlock"
"""The check that is the verdict; the rules of a branch require it by this name."""


class Conclusion(StrEnum):
    SUCCESS = "success"
    FAILURE = "failure"
    NEUTRAL = "neutral"
    ACTION_REQUIRED = "action_required"


@dataclass(frozen=True, slots=True)
class Annotation:
    """`level` is notice, warning or failure; lines are 1-based."""

    path: str
    line: int
    level: str
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Check:
    """A check run on one commit; `conclusion` None is still in progress."""

    name: str
    head_sha: str
    conclusion: Conclusion | None
    title: str
    summary: str
    text: str = ""
    annotations: tuple[Annotation, ...] = ()
    details_url: str = ""


@dataclass(frozen=True, slots=True)
class Deployment:
    """One environment's record of one promotion; `key` (in its payload) finds it again."""

    key: str
    sha: str
    environment: str
    description: str
    state: str = "success"
    url: str = ""


class Reaction(StrEnum):
    """Those that we give, in GitHub's words."""

    DONE = "+1"
    STARTED = "eyes"
    LAUNCHED = "rocket"
    REFUSED = "confused"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on pull request `pull`; `author` is "" when the account is gone. The times are
    GitHub's own words, of whole seconds; they differ once it was edited."""

    id: int
    pull: int
    author: str
    body: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Review:
    """A review of one commit; `state` is GitHub's: APPROVED, CHANGES_REQUESTED, COMMENTED,
    DISMISSED, PENDING. `at` is ISO 8601, "" while it is pending."""

    id: int
    author: str
    state: str
    sha: str
    at: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A pull request to be opened; `head` and `base` are branches of the repository itself."""

    head: str
    base: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue that is not a pull request."""

    number: int
    title: str
    body: str
    author: str
    state: str
    url: str
    labels: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.state == "open"


class Issues(Protocol):
    """Issues of ours, each the only one that bears its marker."""

    def find_issue(self, marker: str) -> Issue | None:
        """Our issue with that marker, closed ones too: the open one, else the newest."""
        ...

    def upsert_issue(
        self, *, marker: str, title: str, body: str, labels: tuple[str, ...] = ()
    ) -> str:
        """Create, update or reopen our one issue, found by marker and author; its URL.

        `body` holds the marker. Nothing is written when all is as it should be.
        """
        ...

    def close_issue(self, *, marker: str, body: str = "") -> Issue | None:
        """Close our issue, and let it say `body` from then on; None when there is none."""
        ...


class Proposals(Protocol):
    """Pull requests that we open ourselves."""

    def pulls_of_branch(self, branch: str) -> tuple[Pull, ...]:
        """Pull requests from a branch of the repository, in every state, oldest first."""
        ...

    def open_pull(self, draft: Draft) -> Pull:
        """Open a pull request; the open one of these branches is found and left as it is."""
        ...

    def edit_pull(self, pull: int, *, title: str, body: str, state: str = "open") -> None:
        """Let a pull request say this; with `state` closed it is closed as well.

        Nothing is written where it says so already.
        """
        ...

    def add_labels(self, number: int, labels: tuple[str, ...]) -> None:
        """Add those that are not there yet."""
        ...

    def request_reviews(
        self, pull: int, *, people: tuple[str, ...], teams: tuple[str, ...]
    ) -> None:
        """Request the missing reviews, all of them or none. Raises CannotReachGitHub for a user
        who is not a collaborator."""
        ...

    def dispatch(self, workflow: str, *, ref: str, inputs: dict[str, str]) -> None:
        """Start a workflow, a file's name below .github/workflows, at a branch."""
        ...


class Merging(Protocol):
    """Merges that GitHub makes by itself."""

    def required_checks(self, branch: str) -> frozenset[str]:
        """The names of all checks that a branch requires before a merge."""
        ...

    def enable_auto_merge(self, pull: int, *, head: str) -> None:
        """Let GitHub squash and merge a pull request once all requirements of its base are met.

        `head` is the observed head commit. Where auto-merge is on, nothing is sent. Raises
        CannotReachGitHub where GitHub refuses: another head, nothing to wait for, not allowed by
        the repository's settings or to the token.
        """
        ...

    def disable_auto_merge(self, pull: int) -> bool:
        """Take back what we enabled, and say whether it was on; a person's is left alone."""
        ...


class GitHub(Issues, Proposals, Merging, Protocol):
    def find_pull(self, number: int) -> Pull | None: ...
    def pulls_of_commit(self, sha: str) -> tuple[Pull, ...]:
        """Pull requests that this commit merged or belongs to, oldest first.

        Of an open one from a fork GitHub knows nothing here: its commits are not the repository's.
        """
        ...

    def pulls_from(self, branch: str) -> tuple[Pull, ...]:
        """Open pull requests from a branch, given as owner:name, oldest first."""
        ...

    def upsert_comment(
        self, pull: int, *, marker: str, body: str, adopted: tuple[str, ...] = ()
    ) -> str:
        """Create or update our one comment, found by marker and author; its URL.

        Where there is none, a comment of the same author that bears one of the markers `adopted`
        is taken over. Nothing is written when the text is there already.
        """
        ...

    def upsert_check(self, check: Check, *, is_new_commit: bool = False) -> str:
        """Create or update the check of that name on that commit; its URL.

        `is_new_commit`: the caller has just made it, so that no check can be there yet.
        """
        ...

    def upsert_deployment(self, deployment: Deployment) -> None: ...
    def deployments(self, commits: Collection[str]) -> tuple[Deployment, ...]:
        """Our records of these commits, each in its newest state ("" when it has none).

        It takes as many requests as there are dozens of commits.
        """
        ...

    def find_comment(self, comment: int) -> Comment | None:
        """A comment as it is now, None when it is gone."""
        ...

    def react(self, comment: int, reaction: Reaction) -> None:
        """Give a comment a reaction of ours; one that it has is left alone."""
        ...

    def reviews(self, pull: int) -> tuple[Review, ...]:
        """Every review of a pull request, oldest first."""
        ...

    def change_authors(self, pull: int) -> ChangeAuthors:
        """Who opened a pull request, and who wrote or committed each of its commits, by login.

        An account is linked to a commit by its e-mail address; one that is nobody's is left out.
        """
        ...

    def permission(self, login: str) -> str:
        """admin, maintain, write, triage, read or none ("none" for an app or a stranger)."""
        ...
