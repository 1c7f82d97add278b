"""Endpoints of the merge of a pull request."""

from __future__ import annotations

from github_sandbox import merge
from github_sandbox.api.pulls import need_pull
from github_sandbox.http_types import Answer, Call, Endpoint, not_found

_RESOURCE = "PullRequest"


def is_merged(call: Call) -> Answer:
    if need_pull(call)["merged_at"] is None:
        raise not_found()
    return Answer(None, status=204)


def merge_pull(call: Call) -> Answer:
    options = merge.MergeOptions(
        method=call.choice("merge_method", resource=_RESOURCE, of=merge.METHODS, default="merge"),
        sha=call.text("sha", resource=_RESOURCE) or "",
        title=call.text("commit_title", resource=_RESOURCE) or "",
        message=call.text("commit_message", resource=_RESOURCE) or "",
    )
    sha = merge.merge_pull(call.instance, call.name, need_pull(call), options, by=call.actor)
    return Answer({"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


_MERGE = "/repos/{owner}/{repo}/pulls/{number:int}/merge"
ENDPOINTS = (
    Endpoint("GET", _MERGE, is_merged),
    Endpoint("PUT", _MERGE, merge_pull, scopes=("contents",)),
)
