"""Endpoints of a repository, its branches, collaborators and forks."""

from __future__ import annotations

from github_sandbox import access, forks
from github_sandbox.http_types import Answer, Call, Endpoint, invalid, not_found, page
from github_sandbox.shapes import actors, commits
from github_sandbox.state import Json

_LEGACY = {"maintain": "write", "triage": "read"}
_RIGHTS = (("admin", "admin"), ("maintain", "maintain"), ("push", "write"), ("triage", "triage"))


def get_repository(call: Call) -> Answer:
    return Answer(_full(call, call.repository))


def _full(call: Call, known: Json) -> Json:
    """Return a repository with the caller's permissions and its parent."""
    shape = actors.repository(call.instance, call.base, known)
    shape |= {"network_count": 0, "subscribers_count": 0}
    if call.actor.login:
        shape["permissions"] = _rights(access.permission(call.store, call.actor, known))
        shape["allow_auto_merge"] = bool(known.get("allow_auto_merge"))
    parent = call.instance.repository(known["fork_of"])
    if parent is not None:
        shape["parent"] = shape["source"] = actors.repository(call.instance, call.base, parent)
    return shape


def _rights(permission: str) -> Json:
    rights = {right: access.at_least(permission, needed) for right, needed in _RIGHTS}
    return {**rights, "pull": access.at_least(permission, "read")}


def list_branches(call: Call) -> Answer:
    refs = call.git.refs("refs/heads/")
    names = [ref.removeprefix("refs/heads/") for ref in refs]
    return page(call, names, shape=lambda name: _branch(call, name, refs[f"refs/heads/{name}"]))


def get_branch(call: Call) -> Answer:
    name = call.params["branch"]
    sha = call.git.branch(name)
    if sha is None:
        raise not_found()
    shape = _branch(call, name, sha)
    shape["commit"] = commits.commit(call.instance, call.base, call.name, call.git.commit(sha))
    page_url = f"{call.base}/{call.name}/tree/{name}"
    return Answer({**shape, "_links": {"self": call.base + call.path, "html": page_url}})


def _branch(call: Call, name: str, sha: str) -> Json:
    known = call.repository["protection"].get(name)
    rule = None if known is None or known.get("is_ruleset") else known
    address = f"{call.base}/api/repos/{call.name}"
    checks: Json = {"enforcement_level": "everyone" if rule else "off", "checks": []}
    return {
        "name": name,
        "commit": {"sha": sha, "url": f"{address}/commits/{sha}"},
        "protected": known is not None,
        "protection": {
            "enabled": rule is not None,
            "required_status_checks": {**checks, "contexts": rule["contexts"] if rule else []},
        },
        "protection_url": f"{address}/branches/{name}/protection",
    }


def get_permission(call: Call) -> Answer:
    """Return the permission of a user; as on GitHub, an app gets 404."""
    user = call.instance.user(call.params["login"])
    if user is None or user["type"] != "User":
        raise not_found()
    role = access.permission_of(call.store, user["login"], call.repository)
    shape = actors.user(call.instance, call.base, user["login"])
    return Answer(
        {
            "permission": _LEGACY.get(role, role),
            "role_name": role,
            "user": {**shape, "permissions": _rights(role), "role_name": role},
        }
    )


def is_collaborator(call: Call) -> Answer:
    known = call.store.get("permission", repository=call.name, key=call.params["login"])
    if known is None or known["permission"] == "none":
        raise not_found()
    return Answer(None, status=204)


def create_fork(call: Call) -> Answer:
    owner = call.actor.login
    if call.actor.is_bot or owner == call.name.split("/")[0]:
        raise invalid("Fork", "owner", "custom", "a repository cannot be forked to its own owner")
    call.text("name", resource="Fork")
    call.text("organization", resource="Fork")
    fork = forks.fork(call.instance, call.repository, owner=owner)
    return Answer(_full(call, fork), status=202)


_REPOSITORY = "/repos/{owner}/{repo}"
ENDPOINTS = (
    Endpoint("GET", _REPOSITORY, get_repository),
    Endpoint("GET", f"{_REPOSITORY}/branches", list_branches),
    Endpoint("GET", f"{_REPOSITORY}/branches/{{branch:path}}", get_branch),
    Endpoint("GET", f"{_REPOSITORY}/collaborators/{{login}}/permission", get_permission),
    Endpoint("GET", f"{_REPOSITORY}/collaborators/{{login}}", is_collaborator),
    Endpoint("POST", f"{_REPOSITORY}/forks", create_fork, needs="read"),
)
