"""GraphQL, as far as Interlock asks: who it is, the deployments of commits with their states, and
the auto-merge of a pull request.

The questions are known by their shape; whatever else is asked is an error, never a guess.
"""

from __future__ import annotations

import json
import re

from github_sandbox import access, automerge
from github_sandbox.http_types import Answer, Call, Endpoint
from github_sandbox.shapes import actors
from github_sandbox.state import Json

_PAGE = 100
_VIEWER = re.compile(r"query \{ viewer \{ login \} \}")
_REPOSITORY = re.compile(r'repository\(owner: "([\w.-]+)", name: "([\w.-]+)"\)')
_OBJECT = re.compile(
    r'(\w+): object\(oid: "([0-9a-f]{40})"\) \{ '
    r'... on Commit \{ deployments\(first: 100(?:, after: "(\d+)")?\) \{'
)
_AUTO_MERGE = re.compile(
    r'mutation \{ (enable|disable)PullRequestAutoMerge\(input: \{pullRequestId: "([\w=+/-]+)"'
    r'(?:, mergeMethod: SQUASH, expectedHeadOid: "([0-9a-f]{40})")?\}\) \{ clientMutationId \} \}'
)


def query(call: Call) -> Answer:
    text = str(call.body.get("query", ""))
    wish = _AUTO_MERGE.fullmatch(text)
    if wish is not None:
        return _set_auto_merge(call, wish[2], head=wish[3] or "", is_on=wish[1] == "enable")
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
    repository = call.instance.repository(name)
    if repository is None:
        return False
    held = access.permission(call.instance.store, call.actor, repository)
    return not repository["private"] or access.at_least(held, "read")


def _error(kind: str, message: str) -> Answer:
    return Answer({"data": None, "errors": [{"type": kind, "message": message}]})


def _set_auto_merge(call: Call, node: str, *, head: str, is_on: bool) -> Answer:
    name, pull = _find_pull(call, node)
    if pull is None:
        return _error("NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'")
    forbidden = _forbidden(call, name)
    if forbidden:
        return _error("FORBIDDEN", forbidden)
    refused = _refused(call, name, pull, head=head) if is_on else _refused_off(pull)
    if refused:
        return _error("UNPROCESSABLE", refused)
    if is_on:
        automerge.enable(call.instance, name, pull, by=call.actor)
    else:
        automerge.disable(call.instance, name, pull, reason="Disabled by a user", by=call.actor)
    verb = "enable" if is_on else "disable"
    return Answer({"data": {f"{verb}PullRequestAutoMerge": {"clientMutationId": None}}})


def _forbidden(call: Call, name: str) -> str:
    """The merge is a commit on the base, so that two scopes are needed."""
    if not (call.actor.may("pull_requests") and call.actor.may("contents")):
        return "Resource not accessible by integration"
    held = access.permission(call.store, call.actor, call.instance.need_repository(name))
    if not access.at_least(held, "write"):
        return f"{call.actor.login} does not have the correct permissions to do that"
    return ""


def _refused(call: Call, name: str, pull: Json, *, head: str) -> str:
    if head != pull["head_sha"]:
        return "Head sha didn't match expectedHeadOid"
    return automerge.refusal(call.instance, name, pull)


def _refused_off(pull: Json) -> str:
    is_on = bool(pull.get("auto_merge"))
    return "" if is_on else "Can't disable auto-merge for this pull request."


def _find_pull(call: Call, node: str) -> tuple[str, Json | None]:
    for repository in call.instance.repositories():
        name = repository["full_name"]
        for pull in call.store.list("pull", repository=name):
            if actors.node_id("PullRequest", pull["id"]) == node and _may_read(call, name):
                return name, pull
    return "", None


def _deployments(call: Call, name: str, sha: str, *, after: int) -> Json:
    every = [d for d in call.instance.store.list("deployment", repository=name) if d["sha"] == sha]
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
    found = call.instance.store.list("deployment_status", repository=name, parent=deployment)
    if not found:
        return None
    return {"state": found[-1]["state"].upper(), "logUrl": found[-1]["log_url"] or None}


ENDPOINTS = (Endpoint("POST", "/graphql", query, needs="read"),)
