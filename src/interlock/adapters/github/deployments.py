"""Deployment records, one per promotion and environment, found again by their payload's key."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from interlock.adapters.github.session import Session
from interlock.ports.github import Deployment

# https://docs.github.com/en/rest/deployments/statuses
_DESCRIPTION_CHARACTERS = 140


# By key and environment.
_Records = dict[tuple[str, str], dict[str, Any]]


class Deployments:
    """What GitHub has of a commit is asked once, for all its environments and models."""

    def __init__(self, session: Session, *, repository: str) -> None:
        self._session = session
        self._root = f"/repos/{repository}/deployments"
        self._known: dict[str, _Records] = {}

    def upsert(self, deployment: Deployment) -> None:
        identity = deployment.key, deployment.environment
        known: _Records = {}
        made = False

        def find() -> dict[str, Any] | None:
            nonlocal known
            # What was seen before counts for one look; the next one asks again.
            known = self._known.pop(deployment.sha, {}) or self._of_commit(deployment.sha)
            return known.get(identity)

        def create() -> dict[str, Any]:
            nonlocal made
            record = self._create(deployment)
            made = True
            return record

        record = self._session.patience.create_once(find=find, create=create)
        self._known[deployment.sha] = {**known, identity: record}
        path = f"{self._root}/{record['id']}/statuses"
        self._session.patience.create_once(
            find=lambda: self._find_status(path, deployment),
            create=lambda: self._session.write("POST", path, _status(deployment)),
            is_new=made,
        )

    def read(self, commits: Collection[str]) -> tuple[Deployment, ...]:
        """Our records of these commits, each in its newest state."""
        found = []
        for sha in sorted(commits):
            for (key, environment), record in sorted(self._of_commit(sha).items()):
                path = f"{self._root}/{record['id']}/statuses"
                newest = max(self._session.find_all(path), key=lambda s: int(s["id"]), default={})
                found.append(
                    Deployment(
                        key=key,
                        sha=sha,
                        environment=environment,
                        description=record.get("description") or "",
                        state=str(newest.get("state", "")),
                        url=newest.get("log_url") or "",
                    )
                )
        return tuple(found)

    def _of_commit(self, sha: str) -> _Records:
        """Our records of a commit; of two that are alike the older."""
        found = self._session.find_all(self._root, {"sha": sha})
        newest_first = sorted(found, key=lambda record: -int(record["id"]))
        keyed = ((_key(record.get("payload")), record) for record in newest_first)
        return {(key, record["environment"]): record for key, record in keyed if key}

    def _create(self, deployment: Deployment) -> dict[str, Any]:
        body = {
            "ref": deployment.sha,
            "environment": deployment.environment,
            "description": deployment.description[:_DESCRIPTION_CHARACTERS],
            "payload": {"interlock": deployment.key},
            # The gates have judged already, and what is on main is not merged into anything.
            "required_contexts": [],
            "auto_merge": False,
        }
        return dict(self._session.write("POST", self._root, body))

    def _find_status(self, path: str, deployment: Deployment) -> dict[str, Any] | None:
        """The newest status, if it says what this one would."""
        newest = max(self._session.find_all(path), key=lambda s: int(s["id"]), default=None)
        return newest if newest is not None and newest["state"] == deployment.state else None


def _status(deployment: Deployment) -> dict[str, Any]:
    body = {
        "state": deployment.state,
        "description": deployment.description[:_DESCRIPTION_CHARACTERS],
        # Several models share an environment: one's deployment does not end the other's.
        "auto_inactive": False,
    }
    return {**body, "log_url": deployment.url} if deployment.url else body


def _key(payload: object) -> str:
    """Our key in a payload, which GitHub hands back as an object or as its text."""
    if isinstance(payload, str):
        try:
            payload = json.loads(payload)
        except ValueError:
            return ""
    return str(payload.get("interlock", "")) if isinstance(payload, dict) else ""
