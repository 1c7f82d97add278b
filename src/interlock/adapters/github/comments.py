"""Writes one sticky comment for each pull request, found by marker and author; its text comes from
elsewhere."""

from __future__ import annotations

from typing import Any

from interlock import errors
from interlock.adapters.github.session import Session, is_missing


class StickyComments:
    def __init__(self, session: Session, *, repository: str, login: str) -> None:
        self._session = session
        self._root = f"/repos/{repository}/issues"
        self._login = login

    def upsert(self, pull: int, *, marker: str, body: str, adopted: tuple[str, ...] = ()) -> str:
        """Create or update the comment, only if the text differs; return its URL."""
        comment = self._session.patience.create_once(
            find=lambda: self._find(pull, marker=marker, adopted=adopted),
            create=lambda: self._create(pull, marker=marker, body=body),
        )
        if _same(comment["body"], body):
            return str(comment["html_url"])
        return str(self._update(comment, body)["html_url"])

    def _find(self, pull: int, *, marker: str, adopted: tuple[str, ...]) -> dict[str, Any] | None:
        mine = [c for c in self._list(pull) if _author(c) == self._login]
        ours = sorted((c for c in mine if marker in _text(c)), key=_age)
        if ours:
            self._delete(ours[1:])
            return ours[0]
        return next((c for c in mine if any(m in _text(c) for m in adopted)), None)

    def _create(self, pull: int, *, marker: str, body: str) -> dict[str, Any]:
        made = self._session.write("POST", f"{self._root}/{pull}/comments", {"body": body})
        # Two jobs may both have created a comment: both keep the older one.
        return self._find(pull, marker=marker, adopted=()) or dict(made)

    def _update(self, comment: dict[str, Any], body: str) -> dict[str, Any]:
        path = f"{self._root}/comments/{comment['id']}"
        return self._session.patience.persist(
            lambda: dict(self._session.write("PATCH", path, {"body": body}))
        )

    def _delete(self, comments: list[dict[str, Any]]) -> None:
        for comment in comments:
            try:
                path = f"{self._root}/comments/{comment['id']}"
                self._session.patience.persist(
                    lambda path=path: self._session.write("DELETE", path)  # type: ignore[misc]
                )
            except errors.CannotReachGitHub as error:
                if not is_missing(error):
                    raise

    def _list(self, pull: int) -> list[dict[str, Any]]:
        return list(self._session.find_all(f"{self._root}/{pull}/comments"))


def _text(comment: dict[str, Any]) -> str:
    return str(comment.get("body") or "")


def _author(comment: dict[str, Any]) -> str:
    """Login of the author, "" if the account was deleted."""
    return str((comment.get("user") or {}).get("login", ""))


def _age(comment: dict[str, Any]) -> int:
    return int(comment["id"])


def _same(one: str, other: str) -> bool:
    """True if two bodies are the same text; GitHub may return other line ends."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()
