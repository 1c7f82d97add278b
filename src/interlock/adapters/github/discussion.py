"""What people say on a pull request, comments and reviews, and our reactions to it; our own comment
is kept elsewhere."""

from __future__ import annotations

from typing import Any

from interlock.adapters.github.session import Session
from interlock.domain.evaluation.acceptance import ChangeAuthors
from interlock.ports.github import Comment, Reaction, Review

# https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request
_COMMITS_LISTED = 250
_ROLES = ("author", "committer")


class Discussion:
    def __init__(self, session: Session, *, repository: str) -> None:
        self._session = session
        self._root = f"/repos/{repository}"

    def find_comment(self, comment: int) -> Comment | None:
        found = self._session.find(f"{self._root}/issues/comments/{comment}")
        return None if found is None else _comment(found)

    def react(self, comment: int, reaction: Reaction) -> None:
        """GitHub itself leaves alone what was given before, so that a try may be repeated."""
        path = f"{self._root}/issues/comments/{comment}/reactions"
        self._session.patience.persist(
            lambda: self._session.write("POST", path, {"content": reaction.value})
        )

    def reviews(self, pull: int) -> tuple[Review, ...]:
        found = self._session.find_all(f"{self._root}/pulls/{pull}/reviews")
        return tuple(_review(item) for item in found)

    def change_authors(self, pull: int) -> ChangeAuthors:
        opened = self._session.find(f"{self._root}/pulls/{pull}") or {}
        commits = list(self._session.find_all(f"{self._root}/pulls/{pull}/commits"))
        people = [_author(opened)]
        people += [_author({"user": each.get(role)}) for each in commits for role in _ROLES]
        return ChangeAuthors(
            frozenset(filter(None, people)), is_complete=len(commits) < _COMMITS_LISTED
        )


def _comment(found: dict[str, Any]) -> Comment:
    return Comment(
        id=found["id"],
        # The only place where a comment says what it is about.
        pull=int(str(found["issue_url"]).rpartition("/")[2]),
        author=_author(found),
        body=found.get("body") or "",
        created_at=found["created_at"],
        updated_at=found["updated_at"],
    )


def _review(found: dict[str, Any]) -> Review:
    return Review(
        id=found["id"],
        author=_author(found),
        state=found["state"],
        sha=found.get("commit_id") or "",
        at=found.get("submitted_at") or "",
    )


def _author(found: dict[str, Any]) -> str:
    return str((found.get("user") or {}).get("login", ""))
