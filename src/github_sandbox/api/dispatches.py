"""Endpoints that start workflows: repository_dispatch and workflow_dispatch."""

from __future__ import annotations

from github_sandbox import limits
from github_sandbox.http_types import Answer, ApiError, Call, Endpoint, invalid, not_found
from github_sandbox.shapes import actors
from github_sandbox.state import Json


def dispatch_repository(call: Call) -> Answer:
    limit = limits.EVENT_TYPE_CHARACTERS
    kind = call.text("event_type", resource="RepositoryDispatch", required=True, limit=limit) or ""
    payload = call.body.get("client_payload", {})
    if not isinstance(payload, dict):
        raise invalid("RepositoryDispatch", "client_payload", "invalid")
    if len(payload) > limits.DISPATCH_PAYLOAD_KEYS:
        most = limits.DISPATCH_PAYLOAD_KEYS
        raise ApiError(422, f"No more than {most} properties are allowed; {len(payload)} given.")
    branch = call.repository["default_branch"]
    installation = {"id": 1, "node_id": actors.node_id("Installation", 1)}
    more = {"branch": branch, "client_payload": payload, "installation": installation}
    _announce(call, "repository_dispatch", kind, more)
    return Answer(None, status=204)


def dispatch_workflow(call: Call) -> Answer:
    name = call.params["workflow"]
    ref = call.text("ref", resource="WorkflowDispatch", required=True) or ""
    inputs = call.body.get("inputs", {})
    if not isinstance(inputs, dict) or len(inputs) > limits.DISPATCH_INPUTS:
        raise invalid("WorkflowDispatch", "inputs", "invalid")
    sha = call.git.branch(ref) or call.git.resolve(f"refs/tags/{ref}")
    if sha is None:
        raise ApiError(422, f"No ref found for: {ref}")
    path = f".github/workflows/{name}"
    if call.git.entry(sha, path) is None:
        raise not_found()
    more = {"inputs": inputs, "ref": f"refs/heads/{ref}", "workflow": path}
    _announce(call, "workflow_dispatch", "", more)
    return Answer(None, status=204)


def _announce(call: Call, name: str, action: str, more: Json) -> None:
    instance, base = call.instance, call.instance.base_url
    payload = {
        **more,
        "repository": actors.repository(instance, base, call.repository),
        "sender": actors.user(instance, base, call.actor.login),
    }
    instance.emit(name, action, payload, repository=call.name, by=call.actor)


_REPOSITORY = "/repos/{owner}/{repo}"
ENDPOINTS = (
    Endpoint("POST", f"{_REPOSITORY}/dispatches", dispatch_repository, scopes=("contents",)),
    Endpoint(
        "POST",
        f"{_REPOSITORY}/actions/workflows/{{workflow}}/dispatches",
        dispatch_workflow,
        scopes=("actions",),
    ),
)
