"""The calls of GitHub; every write looks for an existing object before it creates one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from interlock.domain.evaluation.acceptance import ChangeAuthors


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request; `head_repository` is "" if the fork was deleted.

    `base_repository` is the repository of its base branch; the two differ for a fork. `number` is 0
    for a merge queue's group, which is not a pull request: it has a check and no conversation.
    `closed_at` is ISO 8601, "" while it is open. `has_auto_merge`: GitHub will merge it as soon as
    all requirements of its base are met, no matter which user enabled that.
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
        """True if the branch is in another repository; an unknown one counts as a fork."""
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
    """A check run on one commit; a `conclusion` of None means that it is in progress."""

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
    """The record of one promotion in one environment; `key` (in its payload) identifies it."""

    key: str
    sha: str
    environment: str
    description: str
    state: str = "success"
    url: str = ""


class Reaction(StrEnum):
    """The reactions that Interlock gives, with GitHub's names."""

    DONE = "+1"
    STARTED = "eyes"
    LAUNCHED = "rocket"
    REFUSED = "confused"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on pull request `pull`; `author` is "" if the account was deleted. The times are
    GitHub's texts, in whole seconds; they differ after an edit."""

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
    """Issues of Interlock; no two of them have the same marker."""

    def find_issue(self, marker: str) -> Issue | None:
        """Find Interlock's issue with that marker, including closed ones: the open one, else the
        newest."""
        ...

    def open_issues(self) -> tuple[Issue, ...]:
        """Every open issue of Interlock, oldest first."""
        ...

    def upsert_issue(
        self, *, marker: str, title: str, body: str, labels: tuple[str, ...] = ()
    ) -> str:
        """Create, update or reopen the one issue of this marker and author; return its URL.

        `body` has the marker. Nothing is written if the issue already has this content.
        """
        ...

    def close_issue(self, *, marker: str, body: str = "") -> Issue | None:
        """Close Interlock's issue and set its text to `body`; None if there is no such issue."""
        ...


class Proposals(Protocol):
    """Pull requests that Interlock opens."""

    def pulls_of_branch(self, branch: str) -> tuple[Pull, ...]:
        """Pull requests from a branch of the repository, in every state, oldest first."""
        ...

    def open_pull(self, draft: Draft) -> Pull:
        """Open a pull request; an existing open one of these branches is returned unchanged."""
        ...

    def edit_pull(self, pull: int, *, title: str, body: str, state: str = "open") -> None:
        """Set the text of a pull request; with `state` closed it is closed as well.

        Nothing is written if it already has this text.
        """
        ...

    def add_labels(self, number: int, labels: tuple[str, ...]) -> None:
        """Add the labels that are missing."""
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
        """Let GitHub squash and merge a pull request as soon as all requirements of its base are
        met.

        `head` is the observed head commit. Nothing is sent if auto-merge is on. Raises
        CannotReachGitHub if GitHub refuses: the head is another commit, there is nothing to wait
        for, or the repository's settings or the token do not allow it.
        """
        ...

    def disable_auto_merge(self, pull: int) -> bool:
        """Disable auto-merge if Interlock enabled it, and return if it did; a user's auto-merge
        stays."""
        ...


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """The number of a repository, as a text, which it keeps under every name."""

    id: str
    default_branch: str


class GitHub(Issues, Proposals, Merging, Protocol):
    def find_pull(self, number: int) -> Pull | None: ...
    def pulls_of_commit(self, sha: str) -> tuple[Pull, ...]:
        """Pull requests that this commit merged or belongs to, oldest first.

        GitHub does not list an open pull request from a fork here, because its commits are not in
        this repository.
        """
        ...

    def pulls_from(self, branch: str) -> tuple[Pull, ...]:
        """Open pull requests from a branch, given as owner:name, oldest first."""
        ...

    def open_pulls(self) -> tuple[Pull, ...]:
        """The open pull requests of the repository, also from forks, oldest first."""
        ...

    def upsert_comment(
        self, pull: int, *, marker: str, body: str, adopted: tuple[str, ...] = ()
    ) -> str:
        """Create or update the one comment of this marker and author; return its URL.

        Without such a comment, a comment of the same author with one of the markers `adopted` is
        used. Nothing is written if it already has this text.
        """
        ...

    def upsert_check(self, check: Check, *, is_new_commit: bool = False) -> str:
        """Create or update the check of that name on that commit; return its URL.

        `is_new_commit`: the caller has just made the commit, so that it cannot have a check yet.
        """
        ...

    def upsert_deployment(self, deployment: Deployment) -> None: ...
    def deployments(self, commits: Collection[str]) -> tuple[Deployment, ...]:
        """Return Interlock's deployments of these commits, each in its newest state ("" without
        one).

        It sends one request for about a dozen commits.
        """
        ...

    def find_comment(self, comment: int) -> Comment | None:
        """Return the current comment, None if it was deleted."""
        ...

    def react(self, comment: int, reaction: Reaction) -> None:
        """Give a comment a reaction of Interlock; one that it already has stays."""
        ...

    def reviews(self, pull: int) -> tuple[Review, ...]:
        """Every review of a pull request, oldest first."""
        ...

    def change_authors(self, pull: int) -> ChangeAuthors:
        """Return the authors of a pull request and of its commits, and the committers, by login.

        GitHub links an account to a commit by its e-mail address; an address without an account is
        left out.
        """
        ...

    def repository(self) -> RepositoryFacts: ...
    def branch_rules(self, branch: str) -> frozenset[str]:
        """Return the types of the rules that hold for a branch now, for example `deletion`."""
        ...

    def bypass_actors(self, branch: str) -> frozenset[str] | None:
        """Return who may bypass a rule that holds for a branch, for example `Team 7`; None if this
        token cannot read it."""
        ...

    def permission(self, login: str) -> str:
        """Return admin, maintain, write, triage, read or none ("none" for an app or a stranger)."""
        ...
