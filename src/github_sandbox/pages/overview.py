"""The front pages: all repositories, and one."""

from __future__ import annotations

from starlette.responses import Response

from github_sandbox import protection
from github_sandbox.instance import Instance
from github_sandbox.pages import rendering
from github_sandbox.state import Json

_ACTIVITY = 8


def show_repositories(visit: rendering.PageRequest) -> Response:
    """Show every repository, or those of the account that the path names."""
    found, login = visit.instance.repositories(), visit.request.path_params.get("login", "")
    if login and visit.instance.user(login) is None:
        raise rendering.PageNotFound(f"the account {login}")
    if login:
        found = [item for item in found if item["full_name"].split("/")[0] == login]
    rows = [_row(visit.instance, repository) for repository in found]
    return rendering.page("repositories.html", rows=rows, login=login)


def _row(instance: Instance, repository: Json) -> Json:
    name = repository["full_name"]
    git = instance.git(name)
    tip = git.branch(repository["default_branch"])
    return {
        **repository,
        "open": len(instance.store.list("pull", repository=name, parent="open")),
        "commit": git.commit(tip) if tip else None,
    }


def show_repository(visit: rendering.PageRequest) -> Response:
    tip = visit.git.branch(visit.branch)
    if tip is None:
        clone = f"http://{visit.request.headers['host']}/{visit.name}.git"
        return visit.page("empty.html", tab="code", clone=clone)
    entries = sorted(visit.git.tree(tip), key=lambda entry: (entry.kind != "tree", entry.path))
    pulls = visit.instance.store.list("pull", repository=visit.name)
    recent = sorted(pulls, key=lambda pull: str(pull["updated_at"]))[: -_ACTIVITY - 1 : -1]
    return visit.page(
        "repository.html",
        tab="code",
        ref=visit.branch,
        path="",
        entries=entries,
        commit=visit.git.commit(tip),
        commits=visit.git.count(tip),
        branches=[ref.removeprefix("refs/heads/") for ref in visit.git.refs("refs/heads/")],
        readme=_readme(visit, tip),
        recent=recent,
        environments=_environments(visit),
        state=protection.rollup(protection.contexts(visit.instance, visit.name, tip)),
    )


def _readme(visit: rendering.PageRequest, tip: str) -> str | None:
    entry = visit.git.entry(tip, "README.md")
    if entry is None or entry.kind != "blob":
        return None
    return visit.git.blob(entry.sha).decode(errors="replace")


def _environments(visit: rendering.PageRequest) -> list[Json]:
    """Return the newest deployment of each environment."""
    found = visit.instance.store.list("deployment", repository=visit.name)
    return list({item["environment"]: item for item in found}.values())
