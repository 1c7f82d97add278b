"""A GitHub in memory, shared by the accounts that see it; it counts what was written."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count

from interlock.ports.github import Check, Comment, Deployment, Pull, Reaction, Review


@dataclass
class Hub:
    """What everybody sees: pull requests, comments as [author, body], checks, deployments."""

    pulls: dict[int, Pull] = field(default_factory=dict)
    comments: dict[int, list[list[str]]] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)
    said: dict[int, Comment] = field(default_factory=dict)
    reactions: dict[int, list[tuple[str, Reaction]]] = field(default_factory=dict)
    reviews: dict[int, list[Review]] = field(default_factory=dict)
    permissions: dict[str, str] = field(default_factory=dict)
    commits: dict[str, list[int]] = field(default_factory=dict)
    writes: int = 0
    numbers: count[int] = field(default_factory=lambda: count(1))


class FakeGitHub:
    def __init__(self, hub: Hub | None = None, *, login: str = "interlock[bot]") -> None:
        self.hub = hub or Hub()
        self._login = login

    def find_pull(self, number: int) -> Pull | None:
        return self.hub.pulls.get(number)

    def pulls_of_commit(self, sha: str) -> tuple[Pull, ...]:
        known = (p for p in self.hub.pulls.values() if p.merged or not p.is_fork)
        found = (p for p in known if sha in {p.head_sha, p.merge_commit_sha})
        return tuple(sorted(found, key=lambda pull: pull.number))

    def pulls_from(self, branch: str) -> tuple[Pull, ...]:
        pulls = (p for p in self.hub.pulls.values() if p.state == "open")
        found = (p for p in pulls if f"{p.head_repository.split('/')[0]}:{p.head_ref}" == branch)
        return tuple(sorted(found, key=lambda pull: pull.number))

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
        said = replace(check, details_url="")
        same_place = (check.name, check.head_sha)
        found = [c for c in self.hub.checks if (c.name, c.head_sha) == same_place]
        if said not in found:
            self.hub.checks = [c for c in self.hub.checks if c not in found] + [said]
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

    def find_comment(self, comment: int) -> Comment | None:
        return self.hub.said.get(comment)

    def react(self, comment: int, reaction: Reaction) -> None:
        given = self.hub.reactions.setdefault(comment, [])
        if (self._login, reaction) not in given:
            given.append((self._login, reaction))
            self.hub.writes += 1

    def reviews(self, pull: int) -> tuple[Review, ...]:
        return tuple(self.hub.reviews.get(pull, ()))

    def permission(self, login: str) -> str:
        return self.hub.permissions.get(login, "none")
