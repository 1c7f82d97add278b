"""Endpoints of the settings of Actions and of runners; only an administrator reads them."""

from __future__ import annotations

from github_sandbox.http_types import Answer, ApiError, Call, Endpoint, page
from github_sandbox.state import Json

DEFAULTS: Json = {
    "enabled": True,
    "allowed_actions": "all",
    "patterns_allowed": [],
    "approval_policy": "first_time_contributors",
    "runners": [],
}


def _settings(call: Call) -> Json:
    if not call.has_permission("admin"):
        raise ApiError(403, "Must have admin rights to Repository.")
    return {**DEFAULTS, **call.repository.get("actions", {})}


def get_permissions(call: Call) -> Answer:
    known = _settings(call)
    if not known["enabled"]:
        return Answer({"enabled": False, "sha_pinning_required": False})
    address = f"{call.base}/api/repos/{call.name}/actions/permissions/selected-actions"
    return Answer(
        {
            "enabled": True,
            "allowed_actions": known["allowed_actions"],
            "selected_actions_url": address,
            "sha_pinning_required": False,
        }
    )


def get_selected_actions(call: Call) -> Answer:
    known = _settings(call)
    if known["allowed_actions"] != "selected":
        raise ApiError(409, "Conflict")
    return Answer(
        {
            "github_owned_allowed": True,
            "verified_allowed": False,
            "patterns_allowed": known["patterns_allowed"],
        }
    )


def get_fork_approval(call: Call) -> Answer:
    return Answer({"approval_policy": _settings(call)["approval_policy"]})


def list_runners(call: Call) -> Answer:
    runners = list(enumerate(_settings(call)["runners"], start=1))
    return page(call, runners, shape=lambda each: _runner(*each), under="runners")


def _runner(number: int, known: Json) -> Json:
    labels = [{"id": place, "name": name} for place, name in enumerate(known["labels"], start=1)]
    status = "online" if known["is_online"] else "offline"
    return {
        "id": number,
        "name": f"runner-{number}",
        "os": "linux",
        "status": status,
        "busy": False,
        "labels": labels,
    }


_ACTIONS = "/repos/{owner}/{repo}/actions"
ENDPOINTS = (
    Endpoint("GET", f"{_ACTIONS}/permissions", get_permissions),
    Endpoint("GET", f"{_ACTIONS}/permissions/selected-actions", get_selected_actions),
    Endpoint("GET", f"{_ACTIONS}/permissions/fork-pr-contributor-approval", get_fork_approval),
    Endpoint("GET", f"{_ACTIONS}/runners", list_runners),
)
