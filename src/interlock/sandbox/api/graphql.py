"""GraphQL, as far as Interlock asks: who it is, and the deployments of commits with their states.

The questions are known by their shape; whatever else is asked is an error, never a guess.
"""

from __future__ import annotations

import json
import re

from interlock.sandbox import access
from interlock.sandbox.answers import Answer, Call, Endpoint
from interlock.sandbox.state import Json

_PAGE = 100
_VIEWER = re.compile(r"query \{ viewer \{ login \} \}")
_REPOSITORY = re.compile(r'repository\(owner: "([\w.-]+)", name: "([\w.-]+)"\)')
_OBJECT = re.compile(
    r'(\w+): object\(oid: "([0-9a-f]{40})"\) \{ '
    r'... on Commit \{ deployments\(first: 100(?:, after: "(\d+)")?\) \{'
)


def query(call: Call) -> Answer:
    text = str(call.body.get("query", ""))
    where = _REPOSITORY.search(text)
    if _VIEWER.fullmatch(text):
        return Answer({"data": {"viewer": {"login": call.actor.login}}})
    if where is None or not _OBJECT.search(text):
        return _error("INVALID", "the sandbox knows no such question")
    name = f"{where[1]}/{where[2]}"
    if not _may_read(call, name):
        return _error("NOT_FOUND", f"Could not resolve to a Repository with the name '{name}'.")
    found = {
        asked[1]: {"deployments": _deployments(call, name, asked[2], after=int(asked[3] or 0))}
        for asked in _OBJECT.finditer(text)
    }
    return Answer({"data": {"repository": found}})


def _may_read(call: Call, name: str) -> bool:
    repository = call.world.repository(name)
    if repository is None:
        return False
    held = access.permission(call.world.store, call.actor, repository)
    return not repository["private"] or access.at_least(held, "read")


def _error(kind: str, message: str) -> Answer:
    return Answer({"data": None, "errors": [{"type": kind, "message": message}]})


def _deployments(call: Call, name: str, sha: str, *, after: int) -> Json:
    every = [d for d in call.world.store.list("deployment", repository=name) if d["sha"] == sha]
    shown = every[after : after + _PAGE]
    end = after + len(shown)
    return {
        "pageInfo": {"hasNextPage": end < len(every), "endCursor": str(end)},
        "nodes": [_node(call, name, each) for each in shown],
    }


def _node(call: Call, name: str, deployment: Json) -> Json:
    payload = deployment["payload"]
    return {
        "databaseId": deployment["id"],
        "environment": deployment["environment"],
        "description": deployment["description"],
        "payload": payload if isinstance(payload, str) else json.dumps(payload),
        "latestStatus": _status(call, name, deployment["id"]),
    }


def _status(call: Call, name: str, deployment: object) -> Json | None:
    found = call.world.store.list("deployment_status", repository=name, parent=deployment)
    if not found:
        return None
    return {"state": found[-1]["state"].upper(), "logUrl": found[-1]["log_url"] or None}


ENDPOINTS = (Endpoint("POST", "/graphql", query, needs="read"),)
