"""The pages of issues: the list, and one issue with its comments."""

from __future__ import annotations

from starlette.responses import Response

from github_sandbox.pages import discussion, rendering


def show_list(request: rendering.PageRequest) -> Response:
    every = request.instance.store.list("issue", repository=request.name)
    state, counts = discussion.filter_by_state(request, every)
    rows = [
        {**issue, "chips": discussion.labels(request, issue)}
        for issue in reversed(every)
        if state in ("all", issue["state"])
    ]
    return request.page("issues.html", tab="issues", rows=rows, state=state, counts=counts)


def show_issue(request: rendering.PageRequest) -> Response:
    number = request.http.path_params["number"]
    issue = request.instance.store.get("issue", repository=request.name, key=number)
    if issue is None:
        raise rendering.PageNotFound(f"issue #{number} of {request.name}")
    return request.page(
        "issue.html",
        tab="issues",
        issue=issue,
        chips=discussion.labels(request, issue),
        timeline=discussion.timeline(request, issue),
    )
