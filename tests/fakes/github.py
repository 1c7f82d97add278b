"""A GitHub in memory, shared by the accounts that see it; it counts what was written."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from itertools import count

from interlock import errors
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


@dataclass
class Hub:
    """What everybody sees: pull requests, comments as [author, body], checks, deployments.

    `branches` maps those of the repository to their heads, `required` to the checks that they ask
    for, of which none is ever there; `auto_merges` tells by whom a pull request's was enabled.
    """

    pulls: dict[int, Pull] = field(default_factory=dict)
    comments: dict[int, list[list[str]]] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)
    posted: dict[int, Comment] = field(default_factory=dict)
    reactions: dict[int, list[tuple[str, Reaction]]] = field(default_factory=dict)
    committers: dict[int, list[str]] = field(default_factory=dict)
    reviews: dict[int, list[Review]] = field(default_factory=dict)
    permissions: dict[str, str] = field(default_factory=dict)
    commits: dict[str, list[int]] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    reviewers: dict[int, list[str]] = field(default_factory=dict)
    dispatched: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    workflows: tuple[str, ...] = ()
    required: dict[str, frozenset[str]] = field(default_factory=dict)
    rules: dict[str, frozenset[str]] = field(default_factory=dict)
    allows_auto_merge: bool = False
    auto_merges: dict[int, str] = field(default_factory=dict)
    writes: int = 0
    reads: int = 0
    numbers: count[int] = field(default_factory=lambda: count(1))


class FakeGitHub:
    def __init__(self, hub: Hub | None = None, *, login: str = "interlock[bot]") -> None:
        self.hub = hub or Hub()
        self._login = login

    def find_pull(self, number: int) -> Pull | None:
        return self.hub.pulls.get(number)

    def pulls_of_commit(self, sha: str) -> tuple[Pull, ...]:
        known = (p for p in self.hub.pulls.values() if p.merged or not p.is_fork)
        pulls = (p for p in known if sha in {p.head_sha, p.merge_commit_sha})
        return tuple(sorted(pulls, key=lambda pull: pull.number))

    def pulls_from(self, branch: str) -> tuple[Pull, ...]:
        pulls = (p for p in self.hub.pulls.values() if p.state == "open")
        matching = (p for p in pulls if f"{p.head_repository.split('/')[0]}:{p.head_ref}" == branch)
        return tuple(sorted(matching, key=lambda pull: pull.number))

    def open_pulls(self) -> tuple[Pull, ...]:
        pulls = (p for p in self.hub.pulls.values() if p.state == "open")
        return tuple(sorted(pulls, key=lambda pull: pull.number))

    def upsert_comment(
        self, pull: int, *, marker: str, body: str, adopted: tuple[str, ...] = ()
    ) -> str:
        comments = self.hub.comments.setdefault(pull, [])
        mine = [c for c in comments if c[0] == self._login]
        ours = [c for c in mine if marker in c[1]]
        ours += [c for c in mine if any(other in c[1] for other in adopted)]
        if not ours:
            comments.append([self._login, body])
            self.hub.writes += 1
        elif ours[0][1] != body:
            ours[0][1] = body
            self.hub.writes += 1
        return f"https://github.example/{pull}#comment"

    def upsert_check(self, check: Check, *, is_new_commit: bool = False) -> str:
        stored = replace(check, details_url="")
        same_place = (check.name, check.head_sha)
        checks = [c for c in self.hub.checks if (c.name, c.head_sha) == same_place]
        if stored not in checks:
            self.hub.checks = [c for c in self.hub.checks if c not in checks] + [stored]
            self.hub.writes += 1
        return f"https://github.example/{check.head_sha}#check"

    def upsert_deployment(self, deployment: Deployment) -> None:
        if deployment not in self.hub.deployments:
            same = (deployment.key, deployment.sha, deployment.environment)
            self.hub.deployments = [
                d for d in self.hub.deployments if (d.key, d.sha, d.environment) != same
            ]
            self.hub.deployments.append(deployment)
            self.hub.writes += 1

    def deployments(self, commits: Collection[str]) -> tuple[Deployment, ...]:
        self.hub.reads += 1
        return tuple(d for d in self.hub.deployments if d.sha in commits)

    def find_comment(self, comment: int) -> Comment | None:
        return self.hub.posted.get(comment)

    def react(self, comment: int, reaction: Reaction) -> None:
        reactions = self.hub.reactions.setdefault(comment, [])
        if (self._login, reaction) not in reactions:
            reactions.append((self._login, reaction))
            self.hub.writes += 1

    def reviews(self, pull: int) -> tuple[Review, ...]:
        return tuple(self.hub.reviews.get(pull, ()))

    def change_authors(self, pull: int) -> ChangeAuthors:
        opened = self.hub.pulls[pull].author if pull in self.hub.pulls else ""
        return ChangeAuthors(frozenset(filter(None, (opened, *self.hub.committers.get(pull, ())))))

    def repository(self) -> RepositoryFacts:
        self.hub.reads += 1
        return RepositoryFacts("1", "main")

    def branch_rules(self, branch: str) -> frozenset[str]:
        self.hub.reads += 1
        return self.hub.rules.get(branch, frozenset())

    def bypass_actors(self, branch: str) -> frozenset[str] | None:
        self.hub.reads += 1
        return None  # as for a token that is not an administrator's

    def permission(self, login: str) -> str:
        return self.hub.permissions.get(login, "none")

    def find_issue(self, marker: str) -> Issue | None:
        ours = [i for i in self.hub.issues.values() if i.author == self._login and marker in i.body]
        still_open = [issue for issue in ours if issue.is_open]
        return still_open[0] if still_open else (ours[-1] if ours else None)

    def open_issues(self) -> tuple[Issue, ...]:
        return tuple(i for i in self.hub.issues.values() if i.author == self._login and i.is_open)

    def upsert_issue(
        self, *, marker: str, title: str, body: str, labels: tuple[str, ...] = ()
    ) -> str:
        number = getattr(self.find_issue(marker), "number", 0) or self._number()
        there = self.hub.issues.get(number)
        worn = there.labels if there else ()
        all_labels = (*worn, *(name for name in labels if name not in worn))
        url = f"https://github.example/issues/{number}"
        wanted = Issue(number, title, body, self._login, "open", url, all_labels)
        if there != wanted:
            self.hub.issues[number] = wanted
            self.hub.writes += 1
        return url

    def close_issue(self, *, marker: str, body: str = "") -> Issue | None:
        there = self.find_issue(marker)
        if there is not None and there.is_open:
            there = replace(there, state="closed", body=body or there.body)
            self.hub.issues[there.number] = there
            self.hub.writes += 1
        return there

    def _number(self) -> int:
        taken = {*self.hub.pulls, *self.hub.issues}
        return next(number for number in self.hub.numbers if number not in taken)

    def pulls_of_branch(self, branch: str) -> tuple[Pull, ...]:
        pulls = (p for p in self.hub.pulls.values() if not p.is_fork and p.head_ref == branch)
        return tuple(sorted(pulls, key=lambda pull: pull.number))

    def open_pull(self, draft: Draft) -> Pull:
        there = [p for p in self.pulls_of_branch(draft.head) if p.is_open]
        if there:
            return there[0]
        pull = Pull(
            number=self._number(),
            title=draft.title,
            body=draft.body,
            author=self._login,
            state="open",
            head_sha=self.hub.branches.get(draft.head, "b" * 40),
            head_ref=draft.head,
            head_repository="acme/models",
            base_ref=draft.base,
            base_sha=self.hub.branches.get(draft.base, "a" * 40),
            base_repository="acme/models",
        )
        self.hub.pulls[pull.number] = pull
        self.hub.writes += 1
        return pull

    def edit_pull(self, pull: int, *, title: str, body: str, state: str = "open") -> None:
        known = replace(self.hub.pulls[pull], title=title, body=body, state=state)
        closed_at = "" if state == "open" else known.closed_at or "2030-01-01T12:00:00Z"
        known = replace(known, closed_at=closed_at)
        self.hub.writes += known != self.hub.pulls[pull]
        self.hub.pulls[pull] = known

    def add_labels(self, number: int, labels: tuple[str, ...]) -> None:
        known = self.hub.pulls[number]
        fresh = tuple(name for name in labels if name not in known.labels)
        self.hub.pulls[number] = replace(known, labels=(*known.labels, *fresh))
        self.hub.writes += bool(fresh)

    def request_reviews(
        self, pull: int, *, people: tuple[str, ...], teams: tuple[str, ...]
    ) -> None:
        for login in people:
            if self.permission(login) == "none":
                raise errors.CannotReachGitHub(f"{login} is not a collaborator")
        reviewers = self.hub.reviewers.setdefault(pull, [])
        fresh = [name for name in (*people, *teams) if name not in reviewers]
        reviewers += fresh
        self.hub.writes += bool(fresh)

    def dispatch(self, workflow: str, *, ref: str, inputs: dict[str, str]) -> None:
        if workflow not in self.hub.workflows:
            raise errors.CannotReachGitHub(f"GitHub has no {workflow}")
        self.hub.dispatched.append((workflow, ref, inputs))
        self.hub.writes += 1

    def required_checks(self, branch: str) -> frozenset[str]:
        return self.hub.required.get(branch, frozenset())

    def enable_auto_merge(self, pull: int, *, head: str) -> None:
        known = self.hub.pulls[pull]
        if known.has_auto_merge:
            return
        refusals = {
            "Auto merge is not allowed for this repository": not self.hub.allows_auto_merge,
            "Head sha didn't match expectedHeadOid": head != known.head_sha,
            "Pull request is in clean status": not self.required_checks(known.base_ref),
        }
        for sentence, is_so in refusals.items():
            if is_so:
                raise errors.CannotReachGitHub(sentence)
        self._set_auto_merge(known, by=self._login)

    def disable_auto_merge(self, pull: int) -> bool:
        if self.hub.auto_merges.get(pull) != self._login:
            return False
        self._set_auto_merge(self.hub.pulls[pull], by="")
        return True

    def _set_auto_merge(self, pull: Pull, *, by: str) -> None:
        self.hub.pulls[pull.number] = replace(pull, has_auto_merge=bool(by))
        self.hub.auto_merges[pull.number] = by
        self.hub.writes += 1


class RefusingGitHub(FakeGitHub):
    """One that refuses some methods, as for a token without their scope; `tried` counts them."""

    def __init__(
        self, hub: Hub | None = None, *, refused: Collection[str], login: str = "interlock[bot]"
    ) -> None:
        super().__init__(hub, login=login)
        self.tried: list[str] = []
        for name in refused:
            assert hasattr(FakeGitHub, name), name
            setattr(self, name, self._refusing(name))

    def _refusing(self, name: str) -> Callable[..., None]:
        def refuse(*_: object, **__: object) -> None:
            self.tried.append(name)
            raise errors.CannotReachGitHub(
                f"GitHub refused {name} (403)", hint="give the token the permission"
            )

        return refuse
