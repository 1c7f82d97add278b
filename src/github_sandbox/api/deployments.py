"""Endpoints of deployments and their statuses."""

from __future__ import annotations

import json

from github_sandbox import limits, protection
from github_sandbox.http_types import Answer, ApiError, Call, Endpoint, invalid, not_found, page
from github_sandbox.shapes import actors
from github_sandbox.shapes import checks as shapes
from github_sandbox.state import Json

_RESOURCE = "Deployment"
_STATES = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")


def create_deployment(call: Call) -> Answer:
    ref = call.text("ref", resource=_RESOURCE, required=True) or ""
    sha = call.git.resolve(ref)
    if sha is None:
        raise ApiError(422, f"No ref found for: {ref}")
    _check_contexts(call, ref, sha)
    environment = call.text("environment", resource=_RESOURCE) or "production"
    limit = limits.DEPLOYMENT_DESCRIPTION_CHARACTERS
    deployment: Json = {
        "id": call.store.next("id"),
        "sha": sha,
        "ref": ref,
        "task": call.text("task", resource=_RESOURCE) or "deploy",
        "environment": environment,
        "description": call.text("description", resource=_RESOURCE, limit=limit),
        "payload": _payload(call),
        "creator": call.actor.login,
        "created_at": limits.now(),
        "transient_environment": call.body.get("transient_environment") is True,
        "production_environment": bool(
            call.body.get("production_environment", environment == "production")
        ),
    }
    key = deployment["id"]
    call.store.put("deployment", deployment, repository=call.name, key=key, parent=environment)
    _announce(call, "deployment", deployment, workflow=None, workflow_run=None)
    return Answer(_shape(call, deployment), status=201)


def _payload(call: Call) -> object:
    payload = call.body.get("payload", {})
    if not isinstance(payload, str | dict):
        raise invalid(_RESOURCE, "payload", "invalid")
    if len(json.dumps(payload)) > limits.BODY_CHARACTERS:
        raise invalid(_RESOURCE, "payload", "custom", "payload is too long")
    return payload


def _check_contexts(call: Call, ref: str, sha: str) -> None:
    """Refuse unless all contexts are green, or the contexts in the request."""
    wanted = None
    if call.body.get("required_contexts") is not None:
        wanted = call.texts("required_contexts", resource=_RESOURCE)
    states = protection.contexts(call.instance, call.name, sha)
    if wanted is not None:
        states = {name: states.get(name, "expected") for name in wanted}
    if any(state != "success" for state in states.values()):
        problems = [{"contexts": [{"context": k, "state": v} for k, v in states.items()]}]
        message = f"Conflict: Commit status checks failed for {ref}."
        raise ApiError(409, message, errors=problems)


def list_deployments(call: Call) -> Answer:
    deployments = call.store.list("deployment", repository=call.name)
    for name in ("sha", "ref", "task", "environment"):
        wanted = call.query.get(name)
        deployments = [item for item in deployments if wanted in (None, "", "none", item[name])]
    return page(call, deployments[::-1], shape=lambda item: _shape(call, item))


def get_deployment(call: Call) -> Answer:
    return Answer(_shape(call, _need_deployment(call)))


def create_status(call: Call) -> Answer:
    deployment = _need_deployment(call)
    state = call.choice("state", resource="DeploymentStatus", of=_STATES)
    limit = limits.DEPLOYMENT_DESCRIPTION_CHARACTERS
    names = ("environment_url", "log_url")
    text = {name: call.text(name, resource="DeploymentStatus") or "" for name in names}
    status: Json = {
        "id": call.store.next("id"),
        "deployment_id": deployment["id"],
        "state": state,
        "description": call.text("description", resource="DeploymentStatus", limit=limit) or "",
        "environment": call.text("environment", resource="DeploymentStatus")
        or deployment["environment"],
        "target_url": text["log_url"] or call.text("target_url", resource="DeploymentStatus") or "",
        **text,
        "creator": call.actor.login,
        "created_at": limits.now(),
    }
    if state == "success" and call.body.get("auto_inactive", True):
        _retire_others(call, deployment)
    _save_status(call, status)
    return Answer(shapes.deployment_status(call.instance, call.base, call.name, status), status=201)


def _retire_others(call: Call, deployment: Json) -> None:
    """Make earlier deployments of the environment inactive, as GitHub does on success."""
    environment = deployment["environment"]
    for other in call.store.list("deployment", repository=call.name, parent=environment):
        if other["id"] >= deployment["id"] or other["transient_environment"]:
            continue
        latest = _statuses(call, other)[-1:]
        if latest and latest[0]["state"] == "success":
            status = {**latest[0], "id": call.store.next("id"), "state": "inactive"}
            _save_status(call, {**status, "created_at": limits.now()})


def _save_status(call: Call, status: Json) -> None:
    call.store.put(
        "deployment_status",
        status,
        repository=call.name,
        key=status["id"],
        parent=status["deployment_id"],
    )
    if status["state"] == "inactive":
        return  # GitHub sends no event for this state
    deployment = call.store.get("deployment", repository=call.name, key=status["deployment_id"])
    shape = shapes.deployment_status(call.instance, call.instance.base_url, call.name, status)
    if not shape["environment_url"]:
        del shape["environment_url"]  # the API has "", the event has no field
    _announce(call, "deployment_status", deployment or {}, deployment_status=shape)


def list_statuses(call: Call) -> Answer:
    statuses = _statuses(call, _need_deployment(call))
    return page(
        call,
        statuses[::-1],
        shape=lambda item: shapes.deployment_status(call.instance, call.base, call.name, item),
    )


def _statuses(call: Call, deployment: Json) -> list[Json]:
    return call.store.list("deployment_status", repository=call.name, parent=deployment["id"])


def _need_deployment(call: Call) -> Json:
    deployment = call.store.get("deployment", repository=call.name, key=call.params["deployment"])
    if deployment is None:
        raise not_found()
    return deployment


def _shape(call: Call, deployment: Json) -> Json:
    return shapes.deployment(call.instance, call.base, call.name, deployment)


def _announce(call: Call, name: str, deployment: Json, **more: Json | None) -> None:
    instance, base = call.instance, call.instance.base_url
    payload = {
        "deployment": shapes.deployment(instance, base, call.name, deployment),
        **more,
        "repository": actors.repository(instance, base, call.repository),
        "sender": actors.user(instance, base, call.actor.login),
    }
    instance.emit(name, "created", payload, repository=call.name, by=call.actor)


_DEPLOYMENTS = "/repos/{owner}/{repo}/deployments"
_ONE = f"{_DEPLOYMENTS}/{{deployment:int}}"
_WRITE = ("deployments",)
ENDPOINTS = (
    Endpoint("POST", _DEPLOYMENTS, create_deployment, scopes=_WRITE),
    Endpoint("GET", _DEPLOYMENTS, list_deployments),
    Endpoint("GET", _ONE, get_deployment),
    Endpoint("POST", f"{_ONE}/statuses", create_status, scopes=_WRITE),
    Endpoint("GET", f"{_ONE}/statuses", list_statuses),
)
