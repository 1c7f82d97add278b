"""The pages of issues that are no pull requests: the list, and one with what was said."""

from __future__ import annotations

from starlette.responses import Response

from github_sandbox.pages import discussion, rendering
from github_sandbox.state import Json


def show_list(visit: rendering.PageRequest) -> Response:
    every = visit.instance.store.list("issue", repository=visit.name)
    wanted, counts = discussion.filter_by_state(visit, every)
    shown = [issue for issue in reversed(every) if wanted in ("all", issue["state"])]
    rows = [{**issue, "chips": discussion.labels(visit, issue)} for issue in shown]
    return visit.page("issues.html", tab="issues", rows=rows, wanted=wanted, counts=counts)


def show_issue(visit: rendering.PageRequest) -> Response:
    issue = _need(visit)
    return visit.page(
        "issue.html",
        tab="issues",
        issue=issue,
        chips=discussion.labels(visit, issue),
        timeline=discussion.timeline(visit, issue),
    )


def _need(visit: rendering.PageRequest) -> Json:
    number = visit.request.path_params["number"]
    issue = visit.instance.store.get("issue", repository=visit.name, key=number)
    if issue is None:
        raise rendering.PageNotFound(f"issue #{number} of {visit.name}")
    return issue
