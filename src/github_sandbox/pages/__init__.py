"""The pages for a person: server-rendered, without scripts, under a strict policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from github_sandbox.git import GitFailed
from github_sandbox.instance import Instance
from github_sandbox.pages import (
    code,
    deployments,
    history,
    issues,
    ledger,
    overview,
    pulls,
    rendering,
)

_VIEWS: tuple[tuple[str, Callable[[rendering.PageRequest], Response]], ...] = (
    ("/", overview.show_repositories),
    ("/static/{file}", rendering.show_static),
    ("/{login}", overview.show_repositories),
    ("/{owner}/{repo}", overview.show_repository),
    ("/{owner}/{repo}/issues", issues.show_list),
    ("/{owner}/{repo}/issues/{number:int}", issues.show_issue),
    ("/{owner}/{repo}/pulls", pulls.show_list),
    ("/{owner}/{repo}/pull/{number:int}", pulls.show_conversation),
    ("/{owner}/{repo}/pull/{number:int}/checks", pulls.show_checks),
    ("/{owner}/{repo}/pull/{number:int}/commits", pulls.show_commits),
    ("/{owner}/{repo}/pull/{number:int}/files", pulls.show_files),
    ("/{owner}/{repo}/deployments", deployments.show),
    ("/{owner}/{repo}/ledger", ledger.show),
    ("/{owner}/{repo}/commits", history.show_commits),
    ("/{owner}/{repo}/commits/{ref:path}", history.show_commits),
    ("/{owner}/{repo}/commit/{sha}", history.show_commit),
    ("/{owner}/{repo}/tree/{rest:path}", code.show_tree),
    ("/{owner}/{repo}/blob/{rest:path}", code.show_blob),
)


def routes(instance: Instance) -> list[Route]:
    return [
        *(Route(path, _view(instance, show), methods=["GET"]) for path, show in _VIEWS),
        Route("/{rest:path}", _view(instance, _show_nothing), methods=["GET"]),
    ]


def _view(
    instance: Instance, show: Callable[[rendering.PageRequest], Response]
) -> Callable[[Request], Any]:
    async def view(request: Request) -> Response:
        return await run_in_threadpool(_show, instance, show, request)

    return view


def _show(
    instance: Instance, show: Callable[[rendering.PageRequest], Response], request: Request
) -> Response:
    with instance.transaction():
        try:
            return show(rendering.read_request(instance, request))
        except rendering.PageNotFound as missing:
            return rendering.page("missing.html", status=404, what=str(missing))
        except GitFailed as failed:
            return rendering.page("missing.html", status=404, what=str(failed))


def _show_nothing(visit: rendering.PageRequest) -> Response:
    raise rendering.PageNotFound(visit.request.url.path)
