"""The GitHub port over REST: each method is a request or an upsert; no text is written here."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from urllib.parse import quote

from interlock import errors
from interlock.adapters.github import identity, proposals
from interlock.adapters.github.automerge import AutoMerge
from interlock.adapters.github.checks import CheckRuns
from interlock.adapters.github.comments import StickyComments
from interlock.adapters.github.deployments import Deployments
from interlock.adapters.github.discussion import Discussion
from interlock.adapters.github.issues import IssueTracker
from interlock.adapters.github.proposals import ProposalDesk
from interlock.adapters.github.retry import RetryPolicy
from interlock.adapters.github.session import Session
from interlock.adapters.github.setup import RestSetup
from interlock.domain.evaluation.acceptance import ChangeAuthors
from interlock.ports.github import (
    Check,
    Comment,
    Deployment,
    Draft,
    Issue,
    Pull,
    Reaction,
    RepositoryFacts,
    Review,
)


class PyGithubAdapter:
    """One repository, with the rights of its token.

    `login` is the author of comments with the token ("" requests it from GitHub). `pause_seconds`
    between writes is one second unless the server is on loopback.
    """

    def __init__(
        self,
        *,
        api_url: str,
        repository: str,
        token: str,
        login: str = "",
        pause_seconds: float | None = None,
        patience: RetryPolicy | None = None,
        timeout_seconds: int = 30,
    ) -> None:
        self._repository = repository
        self._given_login = login
        self._session = Session(
            api_url=api_url,
            token=token,
            patience=patience or RetryPolicy(),
            pause_seconds=pause_seconds,
            timeout_seconds=timeout_seconds,
        )

    @property
    def setup(self) -> RestSetup:
        return RestSetup(self._session, repository=self._repository)

    @cached_property
    def _login(self) -> str:
        return self._given_login or identity.find_login(self._session)

    @cached_property
    def _deployments(self) -> Deployments:
        return Deployments(self._session, repository=self._repository)

    def find_pull(self, number: int) -> Pull | None:
        answer = self._session.find(f"/repos/{self._repository}/pulls/{number}")
        return None if answer is None else proposals.pull(answer)

    def pulls_of_commit(self, sha: str) -> tuple[Pull, ...]:
        answer = self._session.find_all(f"/repos/{self._repository}/commits/{quote(sha)}/pulls")
        return tuple(sorted(map(proposals.pull, answer), key=lambda pull: pull.number))

    def pulls_from(self, branch: str) -> tuple[Pull, ...]:
        return self._proposals.listed({"head": branch, "state": "open"})

    def open_pulls(self) -> tuple[Pull, ...]:
        return self._proposals.listed({"state": "open"})

    def upsert_comment(
        self, pull: int, *, marker: str, body: str, adopted: tuple[str, ...] = ()
    ) -> str:
        comments = StickyComments(self._session, repository=self._repository, login=self._login)
        return comments.upsert(pull, marker=marker, body=body, adopted=adopted)

    def upsert_check(self, check: Check, *, is_new_commit: bool = False) -> str:
        checks = CheckRuns(self._session, repository=self._repository)
        return checks.upsert(check, is_new_commit=is_new_commit)

    def upsert_deployment(self, deployment: Deployment) -> None:
        self._deployments.upsert(deployment)

    def deployments(self, commits: Collection[str]) -> tuple[Deployment, ...]:
        return self._deployments.read(commits)

    def repository(self) -> RepositoryFacts:
        answer = self._session.find(f"/repos/{self._repository}")
        if answer is None:
            raise errors.CannotReachGitHub(
                f"GitHub has no repository {self._repository} for this token",
                hint="GITHUB_REPOSITORY names it, and the token must be able to read it",
            )
        return RepositoryFacts(str(answer["id"]), str(answer["default_branch"]))

    def branch_rules(self, branch: str) -> frozenset[str]:
        path = f"/repos/{self._repository}/rules/branches/{quote(branch, safe='')}"
        return frozenset(str(rule.get("type")) for rule in self._session.find_all(path))

    def bypass_actors(self, branch: str) -> frozenset[str] | None:
        path = f"/repos/{self._repository}/rules/branches/{quote(branch, safe='')}"
        ids = {rule.get("ruleset_id") for rule in self._session.find_all(path)}
        place = f"/repos/{self._repository}/rulesets"
        rulesets = [self._session.find(f"{place}/{each}") or {} for each in sorted(ids, key=str)]
        if not rulesets or any("bypass_actors" not in each for each in rulesets):
            return None
        actors = (actor for each in rulesets for actor in each["bypass_actors"])
        return frozenset(f"{actor['actor_type']} {actor['actor_id']}" for actor in actors)

    @cached_property
    def _discussion(self) -> Discussion:
        return Discussion(self._session, repository=self._repository)

    @cached_property
    def _issues(self) -> IssueTracker:
        return IssueTracker(self._session, repository=self._repository, login=self._login)

    def find_issue(self, marker: str) -> Issue | None:
        return self._issues.find(marker)

    def open_issues(self) -> tuple[Issue, ...]:
        return self._issues.open()

    def upsert_issue(
        self, *, marker: str, title: str, body: str, labels: tuple[str, ...] = ()
    ) -> str:
        return self._issues.upsert(marker=marker, title=title, body=body, labels=labels)

    def close_issue(self, *, marker: str, body: str = "") -> Issue | None:
        return self._issues.close(marker=marker, body=body)

    @cached_property
    def _proposals(self) -> ProposalDesk:
        return ProposalDesk(self._session, repository=self._repository)

    def pulls_of_branch(self, branch: str) -> tuple[Pull, ...]:
        return self._proposals.of_branch(branch)

    def open_pull(self, draft: Draft) -> Pull:
        return self._proposals.open(draft)

    def edit_pull(self, pull: int, *, title: str, body: str, state: str = "open") -> None:
        self._proposals.edit(pull, title=title, body=body, state=state)

    def add_labels(self, number: int, labels: tuple[str, ...]) -> None:
        self._proposals.add_labels(number, labels)

    def request_reviews(
        self, pull: int, *, people: tuple[str, ...], teams: tuple[str, ...]
    ) -> None:
        self._proposals.request_reviews(pull, people=people, teams=teams)

    def dispatch(self, workflow: str, *, ref: str, inputs: dict[str, str]) -> None:
        self._proposals.dispatch(workflow, ref=ref, inputs=inputs)

    @cached_property
    def _auto_merge(self) -> AutoMerge:
        return AutoMerge(self._session, repository=self._repository, login=self._login)

    def required_checks(self, branch: str) -> frozenset[str]:
        return self._auto_merge.required_checks(branch)

    def enable_auto_merge(self, pull: int, *, head: str) -> None:
        self._auto_merge.enable(pull, head=head)

    def disable_auto_merge(self, pull: int) -> bool:
        return self._auto_merge.disable(pull)

    def find_comment(self, comment: int) -> Comment | None:
        return self._discussion.find_comment(comment)

    def react(self, comment: int, reaction: Reaction) -> None:
        self._discussion.react(comment, reaction)

    def reviews(self, pull: int) -> tuple[Review, ...]:
        return self._discussion.reviews(pull)

    def change_authors(self, pull: int) -> ChangeAuthors:
        return self._discussion.change_authors(pull)

    def permission(self, login: str) -> str:
        path = f"/repos/{self._repository}/collaborators/{quote(login, safe='')}/permission"
        answer = self._session.find(path) or {}
        role = str(answer.get("role_name") or "")
        # The name of a custom role of an organisation does not show its rights; the old field does.
        return role if role in _ROLES else str(answer.get("permission") or "none")


_ROLES = frozenset({"admin", "maintain", "write", "triage", "read", "none"})
