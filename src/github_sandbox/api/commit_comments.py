"""Endpoints of comments on a commit, which belong to no pull request."""

from __future__ import annotations

from github_sandbox import discussion, limits
from github_sandbox.api.comments import need_comment, need_own_comment
from github_sandbox.http_types import Answer, ApiError, Call, Endpoint, invalid, page
from github_sandbox.shapes import discussion as shapes
from github_sandbox.state import Json

_RESOURCE = "CommitComment"


def create_comment(call: Call) -> Answer:
    sha = _need_commit(call)
    body = call.text("body", resource=_RESOURCE, required=True) or ""
    place = {
        "path": call.text("path", resource=_RESOURCE),
        "position": _whole(call, "position"),
        "line": _whole(call, "line"),
    }
    made = discussion.comment_on_commit(call.instance, call.name, sha, body, place, by=call.actor)
    return Answer(_shape(call, made), status=201)


def _whole(call: Call, name: str) -> int | None:
    value = call.body.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise invalid(_RESOURCE, name, "invalid", f"{name} is not a number")
    return value


def list_comments(call: Call) -> Answer:
    comments = call.store.list("commit_comment", repository=call.name, parent=_need_commit(call))
    return page(call, comments, shape=lambda comment: _shape(call, comment))


def list_all_comments(call: Call) -> Answer:
    comments = call.store.list("commit_comment", repository=call.name)
    return page(call, comments, shape=lambda comment: _shape(call, comment))


def get_comment(call: Call) -> Answer:
    return Answer(_shape(call, need_comment(call, "commit_comment")))


def update_comment(call: Call) -> Answer:
    comment = need_own_comment(call, "commit_comment")
    comment["body"] = call.text("body", resource=_RESOURCE, required=True)
    comment["updated_at"] = limits.now()
    discussion.save_commit_comment(call.instance, call.name, comment)
    return Answer(_shape(call, comment))


def delete_comment(call: Call) -> Answer:
    comment = need_own_comment(call, "commit_comment")
    call.store.delete("commit_comment", repository=call.name, key=comment["id"])
    return Answer(None, status=204)


def _need_commit(call: Call) -> str:
    sha = call.git.resolve(call.params["ref"])
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {call.params['ref']}")
    return sha


def _shape(call: Call, comment: Json) -> Json:
    return shapes.commit_comment(call.instance, call.base, call.name, comment)


_REPOSITORY = "/repos/{owner}/{repo}"
_OF_COMMIT = f"{_REPOSITORY}/commits/{{ref:path}}/comments"
_COMMENT = f"{_REPOSITORY}/comments/{{comment:int}}"
_WRITE = ("contents",)
ENDPOINTS = (
    Endpoint("POST", _OF_COMMIT, create_comment, scopes=_WRITE, needs="read"),
    Endpoint("GET", _OF_COMMIT, list_comments),
    Endpoint("GET", f"{_REPOSITORY}/comments", list_all_comments),
    Endpoint("GET", _COMMENT, get_comment),
    Endpoint("PATCH", _COMMENT, update_comment, scopes=_WRITE, needs="read"),
    Endpoint("DELETE", _COMMENT, delete_comment, scopes=_WRITE, needs="read"),
)
