"""Endpoints of reactions to a comment: one of each kind per account."""

from __future__ import annotations

from github_sandbox import discussion
from github_sandbox.api.comments import need_comment
from github_sandbox.http_types import Answer, ApiError, Call, Endpoint, not_found, page
from github_sandbox.shapes import actors
from github_sandbox.shapes import discussion as shapes
from github_sandbox.state import Json

_RESOURCE = "Reaction"


def create_reaction(call: Call) -> Answer:
    """Return 201 for a new reaction, 200 for an existing one."""
    comment = need_comment(call)
    content = call.choice("content", resource=_RESOURCE, of=actors.REACTIONS)
    made, is_new = discussion.react(call.instance, call.name, comment, content, by=call.actor)
    return Answer(_shape(call, made), status=201 if is_new else 200)


def list_reactions(call: Call) -> Answer:
    reactions = call.store.list("reaction", repository=call.name, parent=need_comment(call)["id"])
    content = call.query.get("content")
    if content:
        reactions = [reaction for reaction in reactions if reaction["content"] == content]
    return page(call, reactions, shape=lambda reaction: _shape(call, reaction))


def delete_reaction(call: Call) -> Answer:
    stored = call.store.list("reaction", repository=call.name, parent=need_comment(call)["id"])
    wanted = [each for each in stored if each["id"] == call.params["reaction"]]
    if not wanted:
        raise not_found()
    if wanted[0]["author"] != call.actor.login:
        raise ApiError(403, "Must be the author of the reaction")
    discussion.delete_reaction(call.instance, call.name, wanted[0])
    return Answer(None, status=204)


def _shape(call: Call, reaction: Json) -> Json:
    return shapes.reaction(call.instance, call.base, reaction)


_REACTIONS = "/repos/{owner}/{repo}/issues/comments/{comment:int}/reactions"
_WRITE = ("issues", "pull_requests")
ENDPOINTS = (
    Endpoint("POST", _REACTIONS, create_reaction, scopes=_WRITE, needs="read"),
    Endpoint("GET", _REACTIONS, list_reactions),
    Endpoint(
        "DELETE", f"{_REACTIONS}/{{reaction:int}}", delete_reaction, scopes=_WRITE, needs="read"
    ),
)
