"""The first page: the list of repositories."""

from __future__ import annotations

from starlette.responses import Response

from github_sandbox.pages import rendering
from github_sandbox.state import Json


def show_list(request: rendering.PageRequest) -> Response:
    """Show all repositories, or the repositories of the account in the path."""
    repositories, login = request.instance.repositories(), request.http.path_params.get("login")
    if login and request.instance.user(login) is None:
        raise rendering.PageNotFound(f"the account {login}")
    rows = [
        _row(request, repository)
        for repository in repositories
        if login in (None, repository["full_name"].split("/")[0])
    ]
    return rendering.page("repositories.html", rows=rows, login=login)


def _row(request: rendering.PageRequest, repository: Json) -> Json:
    git = request.instance.git(repository["full_name"])
    tip = git.branch(repository["default_branch"])
    pulls = request.instance.store.list("pull", repository=repository["full_name"], parent="open")
    return {**repository, "open": len(pulls), "commit": git.commit(tip) if tip else None}
