"""Endpoints of pull requests, their commits and files."""

from __future__ import annotations

from collections.abc import Callable

from github_sandbox import automerge, pulls
from github_sandbox.http_types import Answer, ApiError, Call, Endpoint, invalid, not_found, page
from github_sandbox.limits import BODY_CHARACTERS, TITLE_CHARACTERS
from github_sandbox.shapes import commits
from github_sandbox.shapes import pulls as shapes
from github_sandbox.state import Json

_RESOURCE = "PullRequest"
_COMMITS_LISTED = 250
_SORTS: dict[str, Callable[[Json], object]] = {
    "created": lambda pull: (pull["created_at"], pull["number"]),
    "updated": lambda pull: (pull["updated_at"], pull["number"]),
    "popularity": lambda pull: pull["number"],
    "long-running": lambda pull: pull["number"],
}


def need_pull(call: Call) -> Json:
    pull = pulls.find(call.instance, call.name, call.params["number"])
    if pull is None:
        raise not_found()
    return pull


def create_pull(call: Call) -> Answer:
    title = call.text("title", resource=_RESOURCE, required=True, limit=TITLE_CHARACTERS)
    body = call.text("body", resource=_RESOURCE)
    base = call.text("base", resource=_RESOURCE, required=True) or ""
    base_sha = call.git.branch(base)
    if base_sha is None:
        raise invalid(_RESOURCE, "base", "invalid")
    sides = {"base_repository": call.name, "base_ref": base, "base_sha": base_sha, **_head(call)}
    _check_sides(call, sides)
    draft = {"title": title, "body": body, "draft": call.body.get("draft") is True, **sides}
    pull = pulls.open_pull(call.instance, call.name, draft, by=call.actor)
    return Answer(shapes.full(call.instance, call.base, call.name, pull), status=201)


def _head(call: Call) -> Json:
    text = call.text("head", resource=_RESOURCE, required=True) or ""
    owner, _, branch = text.rpartition(":")
    name = f"{owner}/{call.name.split('/')[1]}" if owner else call.name
    if call.body.get("head_repo"):
        name = str(call.body["head_repo"])
        name = name if "/" in name else f"{owner}/{name}"
    repository = call.instance.repository(name)
    sha = call.instance.git(repository["full_name"]).branch(branch) if repository else None
    if repository is None or sha is None:
        raise invalid(_RESOURCE, "head", "invalid")
    related = {repository["full_name"], repository["fork_of"]}
    if call.name not in related:
        raise invalid(_RESOURCE, "head", "invalid")
    if not call.has_permission("write", repository):
        raise ApiError(403, "Must have push access to the head repository")
    return {"head_repository": repository["full_name"], "head_ref": branch, "head_sha": sha}


def _check_sides(call: Call, sides: Json) -> None:
    for pull in pulls.open_pulls(call.instance, call.name):
        if all(pull[key] == sides[key] for key in ("base_ref", "head_ref", "head_repository")):
            owner = sides["head_repository"].split("/")[0]
            where = f"{owner}:{sides['head_ref']}"
            raise _custom(f"A pull request already exists for {where}.")
    git, base, head = call.git, sides["base_sha"], sides["head_sha"]
    if sides["head_repository"] != call.name:
        git.fetch(call.instance.git(sides["head_repository"]).path, sha=head)
    common = git.merge_base(base, head)
    if common is None:
        raise _custom(
            f"The {sides['head_ref']} branch has no history in common with {sides['base_ref']}"
        )
    if common == head:
        raise _custom(f"No commits between {sides['base_ref']} and {sides['head_ref']}")


def _custom(message: str) -> ApiError:
    problem = {"resource": _RESOURCE, "code": "custom", "message": message}
    return ApiError(422, "Validation Failed", errors=[problem])


def list_pulls(call: Call) -> Answer:
    query = call.query
    state = query.get("state") or "open"
    selected = call.store.list(
        "pull", repository=call.name, parent=None if state == "all" else state
    )
    if query.get("head"):
        selected = [pull for pull in selected if _label(pull) == query["head"]]
    if query.get("base"):
        selected = [pull for pull in selected if pull["base_ref"] == query["base"]]
    sort = query.get("sort") or "created"
    newest_first = query.get("direction", "desc" if sort == "created" else "asc") == "desc"
    if sort not in _SORTS:
        raise invalid(_RESOURCE, "sort", "invalid")
    selected.sort(key=_SORTS[sort], reverse=newest_first)  # type: ignore[arg-type]
    return page(call, selected, shape=lambda p: shapes.pull(call.instance, call.base, call.name, p))


def _label(pull: Json) -> str:
    return f"{pull['head_repository'].split('/')[0]}:{pull['head_ref']}"


def get_pull(call: Call) -> Answer:
    return Answer(shapes.full(call.instance, call.base, call.name, need_pull(call)))


def update_pull(call: Call) -> Answer:
    pull = need_pull(call)
    edit(call, pull)
    return Answer(shapes.full(call.instance, call.base, call.name, pull))


def edit(call: Call, pull: Json) -> None:
    """Change title, body, base and state of a pull request, and emit events."""
    if pull["author"] != call.actor.login and not call.has_permission("triage"):
        raise ApiError(403, "Must have triage access to edit another's pull request")
    changes = _texts(call, pull) | _base(call, pull)
    if changes:
        pulls.save(call.instance, call.name, pull)
        pulls.announce(call.instance, call.name, pull, "edited", by=call.actor, changes=changes)
    if "base" in changes:
        automerge.disable_after_push(call.instance, call.name, pull, by=call.actor)
    if "state" in call.body:
        _set_state(call, pull)


def _texts(call: Call, pull: Json) -> Json:
    changes: Json = {}
    for name, limit in (("title", TITLE_CHARACTERS), ("body", BODY_CHARACTERS)):
        text = call.text(name, resource=_RESOURCE, limit=limit)
        if name in call.body and text != pull[name] and (text or name == "body"):
            changes[name] = {"from": pull[name]}
            pull[name] = text
    return changes


def _base(call: Call, pull: Json) -> Json:
    base = call.text("base", resource=_RESOURCE)
    if base is None or base == pull["base_ref"]:
        return {}
    sha = call.git.branch(base)
    if sha is None or pull["state"] != "open":
        raise invalid(_RESOURCE, "base", "invalid")
    before = {"ref": {"from": pull["base_ref"]}, "sha": {"from": pull["base_sha"]}}
    pull["base_ref"], pull["base_sha"] = base, sha
    pulls.refresh(call.instance, call.name, pull)
    return {"base": before}


def _set_state(call: Call, pull: Json) -> None:
    state = call.choice("state", resource=_RESOURCE, of=("open", "closed"))
    if state == pull["state"]:
        return
    if state == "closed":
        pulls.close(call.instance, call.name, pull, by=call.actor)
        return
    sha = call.instance.git(pull["head_repository"]).branch(pull["head_ref"])
    if pull["merged_at"] or sha is None:
        raise _custom("state cannot be changed. The pull request cannot be reopened.")
    pull["head_sha"] = sha
    pulls.reopen(call.instance, call.name, pull, by=call.actor)


def list_commits(call: Call) -> Answer:
    pull = need_pull(call)
    listed = call.git.commits(
        pull["head_sha"], exclude=_start(call, pull), limit=_COMMITS_LISTED, oldest_first=True
    )
    return page(
        call, listed, shape=lambda c: commits.commit(call.instance, call.base, call.name, c)
    )


def list_files(call: Call) -> Answer:
    pull = need_pull(call)
    files = call.git.files(_start(call, pull), pull["head_sha"])
    return page(
        call, files, shape=lambda file: commits.file(call.base, call.name, pull["head_sha"], file)
    )


def _start(call: Call, pull: Json) -> str:
    common = call.git.merge_base(pull["base_sha"], pull["head_sha"])
    return common or str(pull["base_sha"])


_PULLS = "/repos/{owner}/{repo}/pulls"
_WRITE = ("pull_requests",)
ENDPOINTS = (
    Endpoint("POST", _PULLS, create_pull, scopes=_WRITE, needs="read"),
    Endpoint("GET", _PULLS, list_pulls),
    Endpoint("GET", f"{_PULLS}/{{number:int}}", get_pull),
    Endpoint("PATCH", f"{_PULLS}/{{number:int}}", update_pull, scopes=_WRITE, needs="read"),
    Endpoint("GET", f"{_PULLS}/{{number:int}}/commits", list_commits),
    Endpoint("GET", f"{_PULLS}/{{number:int}}/files", list_files),
)
