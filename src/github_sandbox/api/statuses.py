"""Endpoints of commit statuses, one by one and combined."""

from __future__ import annotations

from github_sandbox import limits, protection
from github_sandbox.git import SHA
from github_sandbox.http_types import Answer, ApiError, Call, Endpoint, page
from github_sandbox.shapes import actors
from github_sandbox.shapes import checks as shapes
from github_sandbox.shapes import commits as commit_shapes
from github_sandbox.state import Json

_RESOURCE = "Status"
_STATES = ("error", "failure", "pending", "success")


def create_status(call: Call) -> Answer:
    sha = call.params["sha"]
    if not SHA.fullmatch(sha) or call.git.resolve(sha) is None:
        raise ApiError(422, f"No commit found for SHA: {sha}")
    context = call.text("context", resource=_RESOURCE) or "default"
    existing = call.store.list("status", repository=call.name, parent=sha)
    if sum(s["context"] == context for s in existing) >= limits.STATUSES_PER_CONTEXT:
        raise ApiError(422, "This SHA and context has reached the maximum number of statuses.")
    status: Json = {
        "id": call.store.next("id"),
        "sha": sha,
        "state": call.choice("state", resource=_RESOURCE, of=_STATES),
        "context": context,
        "description": call.text(
            "description", resource=_RESOURCE, limit=limits.STATUS_DESCRIPTION_CHARACTERS
        ),
        "target_url": call.text("target_url", resource=_RESOURCE),
        "creator": call.actor.login,
        "created_at": limits.now(),
    }
    call.store.put("status", status, repository=call.name, key=status["id"], parent=sha)
    _announce(call, status)
    return Answer(_shape(call, status), status=201)


def list_statuses(call: Call) -> Answer:
    statuses = call.store.list("status", repository=call.name, parent=_need_sha(call))
    return page(call, statuses[::-1], shape=lambda status: _shape(call, status))


def get_combined(call: Call) -> Answer:
    sha = _need_sha(call)
    statuses = protection.latest_statuses(call.instance, call.name, sha)
    states = {s["context"]: "failure" if s["state"] == "error" else s["state"] for s in statuses}
    address = f"{call.base}/api/repos/{call.name}/commits/{sha}"
    return Answer(
        {
            "state": protection.rollup(states) or "pending",
            "statuses": [_shape(call, status) for status in statuses],
            "sha": sha,
            "total_count": len(statuses),
            "repository": actors.repository(call.instance, call.base, call.repository),
            "commit_url": address,
            "url": f"{address}/status",
        }
    )


def _need_sha(call: Call) -> str:
    sha = call.git.resolve(call.params["ref"])
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {call.params['ref']}")
    return sha


def _shape(call: Call, status: Json) -> Json:
    return shapes.status(call.instance, call.base, call.name, status)


def _announce(call: Call, status: Json) -> None:
    instance, base = call.instance, call.instance.base_url
    commit = call.git.commit(status["sha"])
    shape = shapes.status(instance, base, call.name, status)
    committed = commit_shapes.commit(instance, base, call.name, commit)
    del committed["commit"]["verification"]["verified_at"]  # only the API has this field
    payload = {
        **{k: shape[k] for k in ("id", "avatar_url", "state", "context", "description")},
        **{k: shape[k] for k in ("target_url", "created_at", "updated_at")},
        "sha": status["sha"],
        "name": call.name,
        "commit": committed,
        "branches": [],
        "repository": actors.repository(instance, base, call.repository),
        "sender": actors.user(instance, base, call.actor.login),
    }
    instance.emit("status", "", payload, repository=call.name, by=call.actor)


_REPOSITORY = "/repos/{owner}/{repo}"
ENDPOINTS = (
    Endpoint("POST", f"{_REPOSITORY}/statuses/{{sha}}", create_status, scopes=("statuses",)),
    Endpoint("GET", f"{_REPOSITORY}/statuses/{{ref:path}}", list_statuses),
    Endpoint("GET", f"{_REPOSITORY}/commits/{{ref:path}}/statuses", list_statuses),
    Endpoint("GET", f"{_REPOSITORY}/commits/{{ref:path}}/status", get_combined),
)
