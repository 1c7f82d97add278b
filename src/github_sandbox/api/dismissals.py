"""Endpoint that dismisses a review."""

from __future__ import annotations

from github_sandbox import discussion
from github_sandbox.api.pulls import need_pull
from github_sandbox.http_types import Answer, ApiError, Call, Endpoint, not_found
from github_sandbox.shapes import discussion as shapes


def dismiss_review(call: Call) -> Answer:
    pull = need_pull(call)
    review = call.store.get("review", repository=call.name, key=call.params["review"])
    if review is None or review["number"] != pull["number"]:
        raise not_found()
    call.text("message", resource="PullRequestReview", required=True)
    if review["state"] not in ("APPROVED", "CHANGES_REQUESTED"):
        raise ApiError(422, "Unprocessable Entity", errors=["Can not dismiss this review"])
    review["state"] = "DISMISSED"
    discussion.save_review(call.instance, call.name, pull, review, "dismissed", by=call.actor)
    return Answer(shapes.review(call.instance, call.base, call.name, review))


_DISMISSALS = "/repos/{owner}/{repo}/pulls/{number:int}/reviews/{review:int}/dismissals"
ENDPOINTS = (
    Endpoint("PUT", _DISMISSALS, dismiss_review, scopes=("pull_requests",), plain_errors=True),
)
