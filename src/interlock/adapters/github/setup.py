"""Reads the settings of a repository, with at most seven requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from interlock import errors
from interlock.adapters.github.session import Session
from interlock.domain.doctor.actions_lines import ActionsSetup, RunnerFacts
from interlock.domain.doctor.github_lines import RepositorySetup

_ANY_APP = -1
"""The id in a classic branch protection for a check that any App may write."""


class RestSetup:
    def __init__(self, session: Session, *, repository: str) -> None:
        self._session = session
        self._root = f"/repos/{repository}"

    def read(self) -> RepositorySetup:
        """See ports.github_setup."""
        answer = self._session.find(self._root)
        if answer is None:
            raise errors.CannotReachGitHub(
                f"GitHub has no repository {self._root.removeprefix('/repos/')} for this token",
                hint="GITHUB_REPOSITORY names it, and the token must be able to read it",
            )
        rights, branch = answer.get("permissions"), str(answer["default_branch"])
        return RepositorySetup(
            name=str(answer["full_name"]),
            default_branch=branch,
            can_write=None if rights is None else bool(rights.get("push")),
            required=dict(self._required(branch)),
            is_private=bool(answer.get("private")),
            actions=self._actions(),
        )

    def _actions(self) -> ActionsSetup:
        """Only an administrator can read them."""
        known = self._find("permissions")
        if known is None:
            return ActionsSetup()
        allowed = known.get("allowed_actions") if known["enabled"] else "none"
        chosen = self._find("permissions/selected-actions") if allowed == "selected" else None
        forks = self._find("permissions/fork-pr-contributor-approval")
        return ActionsSetup(
            allowed=allowed,
            patterns=None if chosen is None else tuple(chosen.get("patterns_allowed") or ()),
            approval=None if forks is None else str(forks["approval_policy"]),
            runners=self._runners(),
        )

    def _find(self, path: str) -> Any:
        """Return an answer; None if this token may not read it."""
        try:
            return self._session.find(f"{self._root}/actions/{path}")
        except errors.CannotReachGitHub:
            return None

    def _runners(self) -> tuple[RunnerFacts, ...] | None:
        try:
            known = [*self._session.find_all(f"{self._root}/actions/runners", item="runners")]
        except errors.CannotReachGitHub:
            return None
        return tuple(
            RunnerFacts(
                frozenset(str(label["name"]).lower() for label in each["labels"]),
                each["status"] == "online",
            )
            for each in known
        )

    def _required(self, branch: str) -> Iterator[tuple[str, int | None]]:
        path = quote(branch)
        protection = (self._session.find(f"{self._root}/branches/{path}") or {}).get("protection")
        classic: dict[str, Any] = (protection or {}).get("required_status_checks") or {}
        yield from ((context, None) for context in classic.get("contexts") or ())
        yield from ((c["context"], _source(c.get("app_id"))) for c in classic.get("checks") or ())
        for rule in self._session.find_all(f"{self._root}/rules/branches/{path}"):
            checks = (rule.get("parameters") or {}).get("required_status_checks") or ()
            yield from ((c["context"], _source(c.get("integration_id"))) for c in checks)


def _source(app: int | None) -> int | None:
    return None if app == _ANY_APP else app
