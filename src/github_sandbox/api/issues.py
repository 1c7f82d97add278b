"""Endpoints of issues; a pull request is an issue, too."""

from __future__ import annotations

from github_sandbox import issues
from github_sandbox.api import labels
from github_sandbox.api import pulls as pull_api
from github_sandbox.http_types import Answer, ApiError, Call, Endpoint, invalid, page
from github_sandbox.limits import BODY_CHARACTERS, TITLE_CHARACTERS
from github_sandbox.shapes import issues as shapes
from github_sandbox.state import Json

_RESOURCE = "Issue"
_STATES = ("open", "closed", "all")
_REASONS = ("completed", "not_planned", "duplicate", "reopened")


def create_issue(call: Call) -> Answer:
    """As on GitHub, labels are ignored without triage access."""
    title = call.text("title", resource=_RESOURCE, required=True, limit=TITLE_CHARACTERS) or ""
    body = call.text("body", resource=_RESOURCE)
    wanted = call.texts("labels", resource=_RESOURCE)
    made = issues.create(call.instance, call.name, title=title, body=body, by=call.actor)
    if _may_triage(call):
        labels.put_on(call, made, wanted)
    return Answer(_shape(call, made), status=201)


def list_issues(call: Call) -> Answer:
    query = call.query
    wanted = query.get("state") or "open"
    if wanted not in _STATES:
        raise invalid(_RESOURCE, "state", "invalid")
    selected = [i for i in issues.every(call.instance, call.name) if wanted in ("all", i["state"])]
    if query.get("creator"):
        selected = [issue for issue in selected if issue["author"] == query["creator"]]
    named = {label.strip().lower() for label in query.get("labels", "").split(",") if label}
    selected = [issue for issue in selected if named <= set(issue["labels"])]
    if query.get("direction", "desc") == "desc":
        selected.reverse()
    return page(call, selected, shape=lambda issue: _shape(call, issue))


def get_issue(call: Call) -> Answer:
    return Answer(_shape(call, labels.need_issue(call)))


def update_issue(call: Call) -> Answer:
    known = labels.need_issue(call)
    if shapes.is_pull(known):
        pull_api.edit(call, known)
    else:
        _edit(call, known)
    return Answer(_shape(call, known))


def _edit(call: Call, issue: Json) -> None:
    if issue["author"] != call.actor.login and not _may_triage(call):
        raise ApiError(403, "Must have triage access to edit another's issue")
    changes: Json = {}
    for name, limit in (("title", TITLE_CHARACTERS), ("body", BODY_CHARACTERS)):
        text = call.text(name, resource=_RESOURCE, limit=limit)
        if name in call.body and text != issue[name] and (text or name == "body"):
            changes[name] = {"from": issue[name]}
            issue[name] = text
    if changes:
        issues.save(call.instance, call.name, issue)
        issues.announce(call.instance, call.name, issue, "edited", by=call.actor, changes=changes)
    _set_state(call, issue)


def _set_state(call: Call, issue: Json) -> None:
    state = call.choice("state", resource=_RESOURCE, of=("open", "closed"), default=issue["state"])
    if state != issue["state"]:
        reason = call.body.get("state_reason")
        if reason not in (None, *_REASONS):
            raise invalid(_RESOURCE, "state_reason", "invalid")
        issues.set_state(call.instance, call.name, issue, state, reason=reason, by=call.actor)


def _may_triage(call: Call) -> bool:
    return call.has_permission("triage")


def _shape(call: Call, known: Json) -> Json:
    return shapes.issue(call.instance, call.base, call.name, known)


_ISSUES = "/repos/{owner}/{repo}/issues"
_WRITE = ("issues", "pull_requests")
ENDPOINTS = (
    Endpoint("POST", _ISSUES, create_issue, scopes=("issues",), needs="read"),
    Endpoint("GET", _ISSUES, list_issues),
    Endpoint("GET", f"{_ISSUES}/{{number:int}}", get_issue),
    Endpoint("PATCH", f"{_ISSUES}/{{number:int}}", update_issue, scopes=_WRITE, needs="read"),
)
