"""The pages of issues that are no pull requests: the list, and one with what was said."""

from __future__ import annotations

from starlette.responses import Response

from github_sandbox.pages import site, talk
from github_sandbox.state import Json


def show_list(visit: site.Visit) -> Response:
    every = visit.world.store.list("issue", repository=visit.name)
    wanted, counts = talk.wanted(visit, every)
    shown = [issue for issue in reversed(every) if wanted in ("all", issue["state"])]
    rows = [{**issue, "chips": talk.labels(visit, issue)} for issue in shown]
    return visit.page("issues.html", tab="issues", rows=rows, wanted=wanted, counts=counts)


def show_issue(visit: site.Visit) -> Response:
    issue = _need(visit)
    return visit.page(
        "issue.html",
        tab="issues",
        issue=issue,
        chips=talk.labels(visit, issue),
        timeline=talk.timeline(visit, issue),
    )


def _need(visit: site.Visit) -> Json:
    number = visit.request.path_params["number"]
    issue = visit.world.store.get("issue", repository=visit.name, key=number)
    if issue is None:
        raise site.Missing(f"issue #{number} of {visit.name}")
    return issue
