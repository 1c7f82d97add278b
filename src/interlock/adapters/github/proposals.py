"""Opens, edits and labels Interlock's pull requests, requests reviews, and reads pull requests from
GitHub's answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from interlock.adapters.github.session import Session
from interlock.ports.github import Draft, Pull


class ProposalDesk:
    def __init__(self, session: Session, *, repository: str) -> None:
        self._session = session
        self._root = f"/repos/{repository}"
        self._owner = repository.partition("/")[0]

    def of_branch(self, branch: str) -> tuple[Pull, ...]:
        return self.listed({"head": f"{self._owner}:{branch}", "state": "all"})

    def listed(self, parameters: dict[str, str]) -> tuple[Pull, ...]:
        """Pull requests by GitHub's own filters, oldest first."""
        answer = self._session.find_all(f"{self._root}/pulls", parameters)
        return tuple(sorted((pull(item) for item in answer), key=lambda each: each.number))

    def open(self, draft: Draft) -> Pull:
        body = {
            "head": draft.head,
            "base": draft.base,
            "title": draft.title,
            "body": draft.body,
        }
        sides = {"head": f"{self._owner}:{draft.head}", "base": draft.base, "state": "open"}
        return self._session.patience.create_once(
            find=lambda: next(iter(self.listed(sides)), None),
            create=lambda: pull(self._session.write("POST", f"{self._root}/pulls", body)),
        )

    def edit(self, number: int, *, title: str, body: str, state: str) -> None:
        change = {"title": title, "body": body, "state": state}
        answer = self._find(number)
        there = {name: _lines(answer.get(name) or "") for name in change}
        if there != {name: _lines(value) for name, value in change.items()}:
            self._persist("PATCH", f"/pulls/{number}", change)

    def add_labels(self, number: int, labels: tuple[str, ...]) -> None:
        there = {label["name"].lower() for label in self._find(number).get("labels") or ()}
        missing = [name for name in labels if name.lower() not in there]
        if missing:
            self._persist("POST", f"/issues/{number}/labels", {"labels": missing})

    def request_reviews(
        self, number: int, *, people: tuple[str, ...], teams: tuple[str, ...]
    ) -> None:
        answer = self._find(number)
        requested = {user["login"].lower() for user in answer.get("requested_reviewers") or ()}
        requested |= {team["slug"].lower() for team in answer.get("requested_teams") or ()}
        body = {
            "reviewers": [name for name in people if name.lower() not in requested],
            "team_reviewers": [name for name in teams if name.lower() not in requested],
        }
        if any(body.values()):
            self._persist("POST", f"/pulls/{number}/requested_reviewers", body)

    def dispatch(self, workflow: str, *, ref: str, inputs: dict[str, str]) -> None:
        """After a lost answer the workflow may run twice, with the same result."""
        path = f"/actions/workflows/{quote(workflow, safe='')}/dispatches"
        self._persist("POST", path, {"ref": ref, "inputs": inputs})

    def _find(self, number: int) -> dict[str, Any]:
        """The current pull request; empty if the token cannot read it."""
        return dict(self._session.find(f"{self._root}/pulls/{number}") or {})

    def _persist(self, method: str, path: str, body: dict[str, Any]) -> None:
        self._session.patience.persist(
            lambda: self._session.write(method, f"{self._root}{path}", body)
        )


def _lines(text: str) -> str:
    """GitHub may return other line ends."""
    return text.replace("\r\n", "\n").strip()


def pull(answer: dict[str, Any]) -> Pull:
    """A pull request. A merge commit of GitHub before the merge is left out."""
    merged = bool(answer.get("merged_at"))
    return Pull(
        number=answer["number"],
        title=answer["title"],
        body=answer.get("body") or "",
        author=(answer.get("user") or {}).get("login", ""),
        state=answer["state"],
        head_sha=answer["head"]["sha"],
        head_ref=answer["head"]["ref"],
        head_repository=(answer["head"].get("repo") or {}).get("full_name", ""),
        base_ref=answer["base"]["ref"],
        base_sha=answer["base"]["sha"],
        merged=merged,
        merge_commit_sha=(answer.get("merge_commit_sha") or "") if merged else "",
        labels=tuple(label["name"] for label in answer.get("labels") or ()),
        base_repository=(answer["base"].get("repo") or {}).get("full_name", ""),
        closed_at=answer.get("closed_at") or "",
        has_auto_merge=bool(answer.get("auto_merge")),
    )
