"""HTML pages of pull requests, issues and commits: rendered on the server, without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from github_sandbox.git import GitFailed
from github_sandbox.instance import Instance
from github_sandbox.pages import commits, files, issues, pulls, rendering, repositories

_View = Callable[[rendering.PageRequest], Response]
_VIEWS: tuple[tuple[str, _View], ...] = (
    ("/", repositories.show_list),
    ("/static/{file}", rendering.show_static),
    ("/{login}", repositories.show_list),
    ("/{owner}/{repo}", pulls.show_list),
    ("/{owner}/{repo}/issues", issues.show_list),
    ("/{owner}/{repo}/issues/{number:int}", issues.show_issue),
    ("/{owner}/{repo}/pulls", pulls.show_list),
    ("/{owner}/{repo}/pull/{number:int}", pulls.show_conversation),
    ("/{owner}/{repo}/pull/{number:int}/checks", pulls.show_checks),
    ("/{owner}/{repo}/pull/{number:int}/commits", pulls.show_commits),
    ("/{owner}/{repo}/commit/{sha}", commits.show_commit),
    ("/{owner}/{repo}/blob/{rest:path}", files.show_raw),
)


def routes(instance: Instance) -> list[Route]:
    return [
        *(Route(path, _route(instance, view), methods=["GET"]) for path, view in _VIEWS),
        Route("/{rest:path}", _route(instance, _show_nothing), methods=["GET"]),
    ]


def _route(instance: Instance, view: _View) -> Callable[[Request], Any]:
    async def respond(request: Request) -> Response:
        return await run_in_threadpool(_respond, instance, view, request)

    return respond


def _respond(instance: Instance, view: _View, request: Request) -> Response:
    with instance.transaction():
        try:
            return view(rendering.read_request(instance, request))
        except (rendering.PageNotFound, GitFailed) as error:
            return rendering.page("missing.html", status=404, what=str(error))


def _show_nothing(request: rendering.PageRequest) -> Response:
    raise rendering.PageNotFound(request.http.url.path)
