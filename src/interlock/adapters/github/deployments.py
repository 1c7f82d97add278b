"""Deployment records, one for each promotion and environment, identified by their payload."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from interlock.adapters.github.session import Session
from interlock.ports.github import Deployment

# https://docs.github.com/en/rest/deployments/statuses
_DESCRIPTION_CHARACTERS = 140


# Number of commits in one query; each may have a page of a hundred deployments.
_COMMITS = 24
_FIELDS = """{
  pageInfo { hasNextPage endCursor }
  nodes { databaseId environment description payload latestStatus { state logUrl } }
}"""

# By key and environment.
_Records = dict[tuple[str, str], dict[str, Any]]


class Deployments:
    """Reads the deployments of a commit once for all its environments and models."""

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
            # A known record is used once; the next search requests it again.
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
        """Return Interlock's records of these commits with their newest state; of two equal ones
        the older.

        With GraphQL, because REST needs a request for each state.
        """
        records: dict[tuple[str, str], tuple[int, Deployment]] = {}
        left = [(sha, "") for sha in sorted(commits)]
        while left:
            batch, left = left[:_COMMITS], left[_COMMITS:]
            answer = self._session.query(_query(self._repository, batch)) or {}
            objects = answer.get("repository") or {}
            for number, (sha, _) in enumerate(batch):
                page = (objects.get(f"c{number}") or {}).get("deployments") or {"nodes": []}
                for id_, deployment in _read_nodes(page["nodes"], sha=sha):
                    identity = deployment.key, deployment.environment
                    if identity not in records or id_ < records[identity][0]:
                        records[identity] = (id_, deployment)
                if page.get("pageInfo", {}).get("hasNextPage"):
                    left.append((sha, page["pageInfo"]["endCursor"]))
        return tuple(deployment for _, deployment in records.values())

    def _of_commit(self, sha: str) -> _Records:
        """Return Interlock's records of a commit; of two equal ones the older."""
        listed = self._session.find_all(self._root, {"sha": sha})
        newest_first = sorted(listed, key=lambda record: -int(record["id"]))
        keyed = ((_key(record.get("payload")), record) for record in newest_first)
        return {(key, record["environment"]): record for key, record in keyed if key}

    def _create(self, deployment: Deployment) -> dict[str, Any]:
        body = {
            "ref": deployment.sha,
            "environment": deployment.environment,
            "description": deployment.description[:_DESCRIPTION_CHARACTERS],
            "payload": {"interlock": deployment.key},
            # The gates have passed already, and a commit of main is not merged.
            "required_contexts": [],
            "auto_merge": False,
        }
        return dict(self._session.write("POST", self._root, body))

    def _find_status(self, path: str, deployment: Deployment) -> dict[str, Any] | None:
        """The newest status, if it has the same state."""
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
    """One query about several commits, each with the cursor of its next page."""
    owner, _, name = repository.partition("/")
    objects = []
    for number, (sha, cursor) in enumerate(commits):
        after = f", after: {json.dumps(cursor)}" if cursor else ""
        page = f"... on Commit {{ deployments(first: 100{after}) {_FIELDS} }}"
        objects.append(f"c{number}: object(oid: {json.dumps(sha)}) {{ {page} }}")
    where = f"repository(owner: {json.dumps(owner)}, name: {json.dumps(name)})"
    return f"query {{ {where} {{ {' '.join(objects)} }} }}"


def _read_nodes(nodes: Iterable[dict[str, Any]], *, sha: str) -> Iterator[tuple[int, Deployment]]:
    """Yield Interlock's records, each with GitHub's id."""
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
    """Return Interlock's key in a payload, which GitHub returns as an object, as its text, or as a
    text of that text."""
    if isinstance(payload, str):
        try:
            return _key(json.loads(payload))
        except ValueError:
            return ""
    return str(payload.get("interlock", "")) if isinstance(payload, dict) else ""
