"""Endpoints of reviews of a pull request."""

from __future__ import annotations

from github_sandbox import discussion
from github_sandbox.api.pulls import need_pull
from github_sandbox.http_types import Answer, ApiError, Call, Endpoint, not_found, page
from github_sandbox.shapes import discussion as shapes

_RESOURCE = "PullRequestReview"
_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


def create_review(call: Call) -> Answer:
    pull = need_pull(call)
    event = call.choice("event", resource=_RESOURCE, of=tuple(_STATES))
    body = call.text("body", resource=_RESOURCE) or ""
    if event != "APPROVE" and not body:
        raise ApiError(422, "Unprocessable Entity", errors=["Body can't be blank"])
    if event != "COMMENT" and pull["author"] == call.actor.login:
        word = "approve" if event == "APPROVE" else "request changes on"
        raise ApiError(
            422, "Unprocessable Entity", errors=[f"Can not {word} your own pull request"]
        )
    sha = call.text("commit_id", resource=_RESOURCE) or pull["head_sha"]
    review = discussion.create_review(
        call.instance,
        call.name,
        pull,
        body=body,
        state=_STATES[event],
        commit_id=sha,
        by=call.actor,
    )
    return Answer(shapes.review(call.instance, call.base, call.name, review))


def list_reviews(call: Call) -> Answer:
    reviews = call.store.list("review", repository=call.name, parent=need_pull(call)["number"])
    return page(
        call, reviews, shape=lambda r: shapes.review(call.instance, call.base, call.name, r)
    )


def get_review(call: Call) -> Answer:
    review = call.store.get("review", repository=call.name, key=call.params["review"])
    if review is None or review["number"] != need_pull(call)["number"]:
        raise not_found()
    return Answer(shapes.review(call.instance, call.base, call.name, review))


_REVIEWS = "/repos/{owner}/{repo}/pulls/{number:int}/reviews"
ENDPOINTS = (
    Endpoint(
        "POST",
        _REVIEWS,
        create_review,
        scopes=("pull_requests",),
        needs="read",
        plain_errors=True,
    ),
    Endpoint("GET", _REVIEWS, list_reviews),
    Endpoint("GET", f"{_REVIEWS}/{{review:int}}", get_review),
)
