"""Endpoints of comments on issues and pull requests."""

from __future__ import annotations

from github_sandbox import discussion, issues, limits
from github_sandbox.api.labels import need_issue
from github_sandbox.http_types import Answer, ApiError, Call, Endpoint, not_found, page
from github_sandbox.shapes import discussion as shapes
from github_sandbox.state import Json

_RESOURCE = "IssueComment"


def create_comment(call: Call) -> Answer:
    known = need_issue(call)
    body = call.text("body", resource=_RESOURCE, required=True) or ""
    comment = discussion.create_comment(call.instance, call.name, known, body, by=call.actor)
    return Answer(_shape(call, comment), status=201)


def list_comments(call: Call) -> Answer:
    number = need_issue(call)["number"]
    comments = call.store.list("comment", repository=call.name, parent=number)
    since = call.query.get("since", "")
    comments = [comment for comment in comments if comment["updated_at"] >= since]
    return page(call, comments, shape=lambda comment: _shape(call, comment))


def list_all_comments(call: Call) -> Answer:
    comments = call.store.list("comment", repository=call.name)
    if call.query.get("direction") == "desc":
        comments.reverse()
    return page(call, comments, shape=lambda comment: _shape(call, comment))


def get_comment(call: Call) -> Answer:
    return Answer(_shape(call, need_comment(call)))


def update_comment(call: Call) -> Answer:
    comment = need_own_comment(call)
    before = comment["body"]
    comment["body"] = call.text("body", resource=_RESOURCE, required=True)
    comment["updated_at"] = limits.now()
    discussion.save_comment(call.instance, call.name, comment)
    _announce(call, comment, "edited", changes={"body": {"from": before}})
    return Answer(_shape(call, comment))


def delete_comment(call: Call) -> Answer:
    comment = need_own_comment(call)
    call.store.delete("comment", repository=call.name, key=comment["id"])
    _announce(call, comment, "deleted")
    return Answer(None, status=204)


def need_comment(call: Call, kind: str = "comment") -> Json:
    """Return the comment in the path; `kind` is `comment` or `commit_comment`."""
    comment = call.store.get(kind, repository=call.name, key=call.params["comment"])
    if comment is None:
        raise not_found()
    return comment


def need_own_comment(call: Call, kind: str = "comment") -> Json:
    """Return the comment in the path, if the actor may change it."""
    comment = need_comment(call, kind)
    if comment["author"] != call.actor.login and not call.has_permission("write"):
        raise ApiError(403, "Must be the comment's author or have write access")
    return comment


def _announce(call: Call, comment: Json, action: str, **more: object) -> None:
    on = issues.find(call.instance, call.name, comment["number"]) or {}
    discussion.announce_comment(
        call.instance, call.name, on, comment, action, by=call.actor, **more
    )


def _shape(call: Call, comment: Json) -> Json:
    return shapes.comment(call.instance, call.base, call.name, comment)


_ISSUES = "/repos/{owner}/{repo}/issues"
_WRITE = ("issues", "pull_requests")
_COMMENT = f"{_ISSUES}/comments/{{comment:int}}"
ENDPOINTS = (
    Endpoint("GET", f"{_ISSUES}/comments", list_all_comments),
    Endpoint("GET", _COMMENT, get_comment),
    Endpoint("PATCH", _COMMENT, update_comment, scopes=_WRITE, needs="read"),
    Endpoint("DELETE", _COMMENT, delete_comment, scopes=_WRITE, needs="read"),
    Endpoint(
        "POST", f"{_ISSUES}/{{number:int}}/comments", create_comment, scopes=_WRITE, needs="read"
    ),
    Endpoint("GET", f"{_ISSUES}/{{number:int}}/comments", list_comments),
)
