"""Endpoint that requests reviews of a pull request."""

from __future__ import annotations

from github_sandbox import access, pulls
from github_sandbox.api.pulls import need_pull
from github_sandbox.http_types import Answer, ApiError, Call, Endpoint
from github_sandbox.shapes import actors
from github_sandbox.shapes import pulls as shapes
from github_sandbox.state import Json

_RESOURCE = "PullRequest"


def request_reviewers(call: Call) -> Answer:
    """Request all reviewers or none; there are no teams, so every team name is accepted."""
    pull = need_pull(call)
    logins = call.texts("reviewers", resource=_RESOURCE)
    for login in logins:
        if login == pull["author"]:
            raise ApiError(422, "Review cannot be requested from pull request author.")
        if not access.at_least(_permission(call, login), "triage"):
            raise ApiError(
                422,
                "Reviews may only be requested from collaborators. One or more of the users or "
                f"teams you specified is not a collaborator of the {call.name} repository.",
            )
    for login in logins:
        _request(call, pull, "reviewers", login)
    for slug in call.texts("team_reviewers", resource=_RESOURCE):
        _request(call, pull, "teams", slug)
    return Answer(shapes.pull(call.instance, call.base, call.name, pull), status=201)


def _permission(call: Call, login: str) -> str:
    if call.instance.user(login) is None:
        return "none"
    return access.permission_of(call.store, login, call.repository)


def _request(call: Call, pull: Json, kind: str, name: str) -> None:
    requested = pull.setdefault(kind, [])
    if name in requested:
        return
    requested.append(name)
    pulls.save(call.instance, call.name, pull)
    pulls.note(
        call.instance, call.name, pull["number"], f"requested a review from {name}", by=call.actor
    )
    base = call.instance.base_url
    reviewer: Json = (
        {"requested_reviewer": actors.user(call.instance, base, name)}
        if kind == "reviewers"
        else {"requested_team": actors.team(base, call.name, name)}
    )
    pulls.announce(call.instance, call.name, pull, "review_requested", by=call.actor, **reviewer)


ENDPOINTS = (
    Endpoint(
        "POST",
        "/repos/{owner}/{repo}/pulls/{number:int}/requested_reviewers",
        request_reviewers,
        scopes=("pull_requests",),
        needs="read",
    ),
)
