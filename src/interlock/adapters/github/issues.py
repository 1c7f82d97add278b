"""Writes Interlock's issues, each identified by a marker and its author."""

from __future__ import annotations

from typing import Any

from interlock.adapters.github.session import Session
from interlock.ports.github import Issue


class IssueTracker:
    def __init__(self, session: Session, *, repository: str, login: str) -> None:
        self._session = session
        self._root = f"/repos/{repository}/issues"
        self._login = login

    def find(self, marker: str) -> Issue | None:
        issue = self._find(marker)
        return None if issue is None else _issue(issue)

    def open(self) -> tuple[Issue, ...]:
        parameters = {"creator": self._login, "state": "open", "direction": "asc"}
        listed = self._session.find_all(self._root, parameters)
        return tuple(_issue(i) for i in listed if _is_ours(i, marker="", login=self._login))

    def upsert(self, *, marker: str, title: str, body: str, labels: tuple[str, ...]) -> str:
        wanted = {"title": title, "body": body}
        known = self._session.patience.create_once(
            find=lambda: self._find(marker),
            create=lambda: self._create(marker, {**wanted, "labels": list(labels)}),
        )
        if not _has_content(known, title=title, body=body) or known["state"] != "open":
            known = self._edit(known, {**wanted, "state": "open"})
        missing = [name for name in labels if name.lower() not in _labels(known)]
        if missing:
            path = f"{self._root}/{known['number']}/labels"
            self._session.patience.persist(
                lambda: self._session.write("POST", path, {"labels": missing})
            )
        return str(known["html_url"])

    def close(self, *, marker: str, body: str) -> Issue | None:
        known = self._find(marker)
        if known is None or known["state"] == "closed":
            return None if known is None else _issue(known)
        change = {"state": "closed", "state_reason": "completed"}
        return _issue(self._edit(known, {**change, **({"body": body} if body else {})}))

    def _find(self, marker: str) -> dict[str, Any] | None:
        parameters = {"creator": self._login, "state": "all", "direction": "asc"}
        listed = self._session.find_all(self._root, parameters)
        ours = [i for i in listed if _is_ours(i, marker=marker, login=self._login)]
        still_open = [issue for issue in ours if issue["state"] == "open"]
        for doubled in still_open[1:]:
            self._edit(doubled, {"state": "closed", "state_reason": "not_planned"})
        return still_open[0] if still_open else (ours[-1] if ours else None)

    def _create(self, marker: str, body: dict[str, Any]) -> dict[str, Any]:
        made = dict(self._session.write("POST", self._root, body))
        # Two jobs may have created an issue each: the older one stays.
        return self._find(marker) or made

    def _edit(self, known: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
        path = f"{self._root}/{known['number']}"
        return self._session.patience.persist(
            lambda: dict(self._session.write("PATCH", path, change))
        )


def _is_ours(issue: dict[str, Any], *, marker: str, login: str) -> bool:
    author = (issue.get("user") or {}).get("login", "")
    is_issue = "pull_request" not in issue
    return is_issue and author == login and marker in (issue.get("body") or "")


def _has_content(issue: dict[str, Any], *, title: str, body: str) -> bool:
    """True if an issue has this content. GitHub may return other line ends."""
    there = (issue.get("body") or "").replace("\r\n", "\n").strip()
    return issue["title"] == title and there == body.replace("\r\n", "\n").strip()


def _labels(issue: dict[str, Any]) -> set[str]:
    return {label["name"].lower() for label in issue.get("labels") or ()}


def _issue(answer: dict[str, Any]) -> Issue:
    return Issue(
        number=answer["number"],
        title=answer["title"],
        body=answer.get("body") or "",
        author=(answer.get("user") or {}).get("login", ""),
        state=answer["state"],
        url=answer["html_url"],
        labels=tuple(label["name"] for label in answer.get("labels") or ()),
    )
