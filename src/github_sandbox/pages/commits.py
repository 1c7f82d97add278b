"""The page of one commit: its message, checks and comments."""

from __future__ import annotations

from starlette.responses import Response

from github_sandbox import protection
from github_sandbox.pages import discussion, rendering


def show_commit(request: rendering.PageRequest) -> Response:
    sha = request.git.resolve(request.http.path_params["sha"])
    if sha is None:
        raise rendering.PageNotFound("the commit")
    return request.page(
        "commit.html",
        tab="",
        commit=request.git.commit(sha),
        runs=protection.latest_checks(request.instance, request.name, sha),
        statuses=protection.latest_statuses(request.instance, request.name, sha),
        commit_comments=discussion.of_commit(request, sha),
    )
