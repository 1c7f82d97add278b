"""Endpoints of users and of the server."""

from __future__ import annotations

from github_sandbox.http_types import Answer, ApiError, Call, Endpoint, not_found
from github_sandbox.shapes import actors


def get_authenticated(call: Call) -> Answer:
    if not call.actor.login:
        raise ApiError(401, "Requires authentication")
    if call.actor.is_bot:
        # An app's installation token has no user.
        raise ApiError(403, "Resource not accessible by integration")
    return Answer(_full(call, call.actor.login))


def get_user(call: Call) -> Answer:
    if call.instance.user(call.params["login"]) is None:
        raise not_found()
    return Answer(_full(call, call.params["login"]))


def _full(call: Call, login: str) -> dict[str, object]:
    user = actors.user(call.instance, call.base, login)
    known = call.instance.user(login) or {}
    created = known.get("created_at", "")
    blank = dict.fromkeys(("company", "email", "hireable", "bio", "twitter_username", "location"))
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    named = {"name": known.get("name"), "blog": "", "created_at": created, "updated_at": created}
    return {**user, **blank, **counts, **named}


def get_meta(_: Call) -> Answer:
    return Answer({"verifiable_password_authentication": False, "installed_version": "sandbox"})


ENDPOINTS = (
    Endpoint("GET", "/user", get_authenticated),
    Endpoint("GET", "/users/{login}", get_user),
    Endpoint("GET", "/meta", get_meta),
)
