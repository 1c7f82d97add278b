"""Enables and disables auto-merge of a pull request, and reads the checks that a branch
requires."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from interlock import errors
from interlock.adapters.github.session import Session


class AutoMerge:
    """Auto-merge with GraphQL, because REST has no call for it:
    https://github.com/orgs/community/discussions/24719.

    GitHub refuses a pull request without anything to wait for ("Pull request is in clean status"),
    a repository with settings that do not allow it, and a token without contents: write and
    pull-requests: write: https://github.com/peter-evans/enable-pull-request-automerge#conditions
    """

    def __init__(self, session: Session, *, repository: str, login: str) -> None:
        self._session = session
        self._root = f"/repos/{repository}"
        self._login = login

    def enable(self, number: int, *, head: str) -> None:
        self._session.patience.create_once(
            find=lambda: self._on(number), create=lambda: self._enable(number, head=head)
        )

    def disable(self, number: int) -> bool:
        on = self._on(number)
        enabler = (on or {}).get("enabled_by") or {}
        if on is None or enabler.get("login") != self._login:
            return False

        def act() -> bool:
            # An attempt with a lost answer may have had its effect.
            if self._on(number) is not None:
                self._mutate("disable", number)
            return True

        return self._session.patience.persist(act)

    def required_checks(self, branch: str) -> frozenset[str]:
        """Return the checks that a branch protection or a ruleset requires."""
        path = quote(branch)
        answer = self._session.find(f"{self._root}/branches/{path}") or {}
        protection = answer.get("protection") or {}
        classic = (protection.get("required_status_checks") or {}).get("contexts") or ()
        rules = self._session.find_all(f"{self._root}/rules/branches/{path}")
        listed = [
            check["context"]
            for rule in rules
            if rule["type"] == "required_status_checks"
            for check in (rule.get("parameters") or {}).get("required_status_checks") or ()
        ]
        return frozenset((*classic, *listed))

    def _enable(self, number: int, *, head: str) -> dict[str, Any]:
        more = f", mergeMethod: SQUASH, expectedHeadOid: {json.dumps(head)}"
        return self._mutate("enable", number, more=more)

    def _mutate(self, verb: str, number: int, *, more: str = "") -> dict[str, Any]:
        node = json.dumps(self._read(number)["node_id"])
        mutation = f"{verb}PullRequestAutoMerge(input: {{pullRequestId: {node}{more}}})"
        return dict(self._session.mutate(f"mutation {{ {mutation} {{ clientMutationId }} }}"))

    def _on(self, number: int) -> dict[str, Any] | None:
        """Return the user who enabled it, with its settings; None while it is off."""
        on: dict[str, Any] | None = self._read(number).get("auto_merge")
        return on

    def _read(self, number: int) -> dict[str, Any]:
        answer = self._session.find(f"{self._root}/pulls/{number}")
        if answer is None:
            raise errors.CannotReachGitHub(
                f"GitHub has no pull request #{number}", hint="check GITHUB_REPOSITORY"
            )
        return dict(answer)
