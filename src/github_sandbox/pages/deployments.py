"""The page of deployments: what each environment serves, and what it served before."""

from __future__ import annotations

from starlette.responses import Response

from github_sandbox.pages import rendering
from github_sandbox.state import Json


def show(visit: rendering.PageRequest) -> Response:
    store = visit.instance.store
    environments: dict[str, list[Json]] = {}
    for item in reversed(store.list("deployment", repository=visit.name)):
        statuses = store.list("deployment_status", repository=visit.name, parent=item["id"])
        state = statuses[-1]["state"] if statuses else "pending"
        commit = visit.git.commit(item["sha"])
        row = {**item, "statuses": statuses, "state": state, "title": commit.title}
        environments.setdefault(item["environment"], []).append(row)
    return visit.page("deployments.html", tab="deployments", environments=environments)
