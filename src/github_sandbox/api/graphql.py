"""Three GraphQL queries: the viewer, the deployments of commits, auto-merge of a pull request.

Regular expressions recognise them; every other query is an error.
"""

from __future__ import annotations

import json
import re

from github_sandbox import automerge
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
    change = _AUTO_MERGE.fullmatch(text)
    if change is not None:
        return _set_auto_merge(call, change[2], head=change[3] or "", is_on=change[1] == "enable")
    where = _REPOSITORY.search(text)
    if _VIEWER.fullmatch(text):
        return Answer({"data": {"viewer": {"login": call.actor.login}}})
    if where is None or not _OBJECT.search(text):
        return _error("INVALID", "the sandbox does not support this query")
    name = f"{where[1]}/{where[2]}"
    if not _may_read(call, name):
        return _error("NOT_FOUND", f"Could not resolve to a Repository with the name '{name}'.")
    commits = {
        match[1]: {"deployments": _deployments(call, name, match[2], after=int(match[3] or 0))}
        for match in _OBJECT.finditer(text)
    }
    return Answer({"data": {"repository": commits}})


def _may_read(call: Call, name: str) -> bool:
    repository = call.instance.repository(name)
    if repository is None:
        return False
    return not repository["private"] or call.has_permission("read", repository)


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


def _forbidden(call: Call, name: str) -> str | None:
    """A merge writes a commit, so it needs two scopes."""
    if not (call.actor.may("pull_requests") and call.actor.may("contents")):
        return "Resource not accessible by integration"
    if not call.has_permission("write", call.instance.need_repository(name)):
        return f"{call.actor.login} does not have the correct permissions to do that"
    return None


def _refused(call: Call, name: str, pull: Json, *, head: str) -> str | None:
    if head != pull["head_sha"]:
        return "Head sha didn't match expectedHeadOid"
    return automerge.refusal(call.instance, name, pull)


def _refused_off(pull: Json) -> str | None:
    is_on = bool(pull.get("auto_merge"))
    return None if is_on else "Can't disable auto-merge for this pull request."


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
    statuses = call.store.list("deployment_status", repository=name, parent=deployment)
    if not statuses:
        return None
    return {"state": statuses[-1]["state"].upper(), "logUrl": statuses[-1]["log_url"] or None}


ENDPOINTS = (Endpoint("POST", "/graphql", query, needs="read"),)
