"""Deployment records, one per promotion and environment, found again by their payload's key."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from interlock.adapters.github.session import Session
from interlock.ports.github import Deployment

# https://docs.github.com/en/rest/deployments/statuses
_DESCRIPTION_CHARACTERS = 140


# Of which as many as this are asked about at once; each may have a page of a hundred.
_COMMITS = 24
_FIELDS = """{
  pageInfo { hasNextPage endCursor }
  nodes { databaseId environment description payload latestStatus { state logUrl } }
}"""

# By key and environment.
_Records = dict[tuple[str, str], dict[str, Any]]


class Deployments:
    """What GitHub has of a commit is asked once, for all its environments and models."""

    def __init__(self, session: Session, *, repository: str) -> None:
        self._session = session
        self._repository = repository
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
        """Our records of these commits, each in its newest state; of two that are alike the older.

        By GraphQL: REST tells no states with the list, and would take a request for each.
        """
        found: dict[tuple[str, str], tuple[int, Deployment]] = {}
        left = [(sha, "") for sha in sorted(commits)]
        while left:
            asked, left = left[:_COMMITS], left[_COMMITS:]
            answer = self._session.query(_query(self._repository, asked)) or {}
            objects = answer.get("repository") or {}
            for number, (sha, _) in enumerate(asked):
                page = (objects.get(f"c{number}") or {}).get("deployments") or {"nodes": []}
                for id_, deployment in _read_nodes(page["nodes"], sha=sha):
                    identity = deployment.key, deployment.environment
                    if identity not in found or id_ < found[identity][0]:
                        found[identity] = (id_, deployment)
                if page.get("pageInfo", {}).get("hasNextPage"):
                    left.append((sha, page["pageInfo"]["endCursor"]))
        return tuple(deployment for _, deployment in found.values())

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


def _query(repository: str, commits: Sequence[tuple[str, str]]) -> str:
    """One question about several commits, each with the cursor that its next page is after."""
    owner, _, name = repository.partition("/")
    asked = []
    for number, (sha, cursor) in enumerate(commits):
        after = f", after: {json.dumps(cursor)}" if cursor else ""
        page = f"... on Commit {{ deployments(first: 100{after}) {_FIELDS} }}"
        asked.append(f"c{number}: object(oid: {json.dumps(sha)}) {{ {page} }}")
    where = f"repository(owner: {json.dumps(owner)}, name: {json.dumps(name)})"
    return f"query {{ {where} {{ {' '.join(asked)} }} }}"


def _read_nodes(nodes: Iterable[dict[str, Any]], *, sha: str) -> Iterator[tuple[int, Deployment]]:
    """Those that are ours, each with GitHub's number for it."""
    for node in nodes:
        key = _key(node["payload"])
        status = node["latestStatus"] or {}
        if key:
            yield (
                int(node["databaseId"]),
                Deployment(
                    key=key,
                    sha=sha,
                    environment=node["environment"] or "",
                    description=node["description"] or "",
                    state=str(status.get("state", "")).lower(),
                    url=status.get("logUrl") or "",
                ),
            )


def _key(payload: object) -> str:
    """Our key in a payload, which GitHub hands back as an object or as its text, or as a text of
    that text."""
    if isinstance(payload, str):
        try:
            return _key(json.loads(payload))
        except ValueError:
            return ""
    return str(payload.get("interlock", "")) if isinstance(payload, dict) else ""
