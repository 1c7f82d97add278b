"""Deployment records, one per promotion and environment, found again by their payload's key."""

from __future__ import annotations

import json
from typing import Any

from interlock.adapters.github.session import Session
from interlock.ports.github import Deployment

# https://docs.github.com/en/rest/deployments/statuses
_DESCRIPTION_CHARACTERS = 140


class Deployments:
    def __init__(self, session: Session, *, repository: str) -> None:
        self._session = session
        self._root = f"/repos/{repository}/deployments"

    def upsert(self, deployment: Deployment) -> None:
        record = self._session.patience.create_once(
            find=lambda: self._find(deployment), create=lambda: self._create(deployment)
        )
        path = f"{self._root}/{record['id']}/statuses"
        self._session.patience.create_once(
            find=lambda: self._find_status(path, deployment),
            create=lambda: self._session.write("POST", path, _status(deployment)),
        )

    def _find(self, deployment: Deployment) -> dict[str, Any] | None:
        parameters = {"sha": deployment.sha, "environment": deployment.environment}
        records = self._session.find_all(self._root, parameters)
        ours = [r for r in records if _key(r.get("payload")) == deployment.key]
        return min(ours, key=lambda record: int(record["id"]), default=None)

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
