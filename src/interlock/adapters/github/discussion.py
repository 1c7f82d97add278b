"""Comments and reviews of users on a pull request, its authors, and Interlock's reactions."""

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
        answer = self._session.find(f"{self._root}/issues/comments/{comment}")
        return None if answer is None else _comment(answer)

    def react(self, comment: int, reaction: Reaction) -> None:
        """GitHub stores a reaction once, so that a request may be repeated."""
        path = f"{self._root}/issues/comments/{comment}/reactions"
        self._session.patience.persist(
            lambda: self._session.write("POST", path, {"content": reaction.value})
        )

    def reviews(self, pull: int) -> tuple[Review, ...]:
        answer = self._session.find_all(f"{self._root}/pulls/{pull}/reviews")
        return tuple(_review(item) for item in answer)

    def change_authors(self, pull: int) -> ChangeAuthors:
        opened = self._session.find(f"{self._root}/pulls/{pull}") or {}
        commits = list(self._session.find_all(f"{self._root}/pulls/{pull}/commits"))
        people = [_author(opened)]
        people += [_author({"user": each.get(role)}) for each in commits for role in _ROLES]
        return ChangeAuthors(
            frozenset(filter(None, people)), is_complete=len(commits) < _COMMITS_LISTED
        )


def _comment(answer: dict[str, Any]) -> Comment:
    return Comment(
        id=answer["id"],
        # The only field with the number of the pull request.
        pull=int(str(answer["issue_url"]).rpartition("/")[2]),
        author=_author(answer),
        body=answer.get("body") or "",
        created_at=answer["created_at"],
        updated_at=answer["updated_at"],
    )


def _review(answer: dict[str, Any]) -> Review:
    return Review(
        id=answer["id"],
        author=_author(answer),
        state=answer["state"],
        sha=answer.get("commit_id") or "",
        at=answer.get("submitted_at") or "",
    )


def _author(answer: dict[str, Any]) -> str:
    return str((answer.get("user") or {}).get("login", ""))
