"""Commits and changed files as GitHub shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from github_sandbox.git import Commit, File, Person
from github_sandbox.instance import Instance
from github_sandbox.shapes import actors
from github_sandbox.state import Json

NO_REPLY = "users.noreply.github.com"
_UNSIGNED = {"verified": False, "reason": "unsigned", "signature": None, "payload": None}


def person_of(login: str) -> Person:
    """Return the name and address that GitHub puts in commits made on its page."""
    return Person(login, f"{login}@{NO_REPLY}")


def account(instance: Instance, base: str, person: Person) -> Json | None:
    """Return whose address it is, when it is a no-reply address of somebody known."""
    login, _, domain = person.email.partition("@")
    known = instance.user(login.split("+")[-1]) if domain == NO_REPLY else None
    return actors.user(instance, base, known["login"]) if known else None


def commit(instance: Instance, base: str, name: str, found: Commit) -> Json:
    address = f"{base}/api/repos/{name}"
    return {
        "sha": found.sha,
        "node_id": actors.node_id("Commit", found.sha),
        "commit": {
            **_identities(found),
            "message": found.message,
            "tree": {"sha": found.tree, "url": f"{address}/git/trees/{found.tree}"},
            "url": f"{address}/git/commits/{found.sha}",
            "comment_count": len(
                instance.store.list("commit_comment", repository=name, parent=found.sha)
            ),
            "verification": {**_UNSIGNED, "verified_at": None},
        },
        "url": f"{address}/commits/{found.sha}",
        "html_url": f"{base}/{name}/commit/{found.sha}",
        "comments_url": f"{address}/commits/{found.sha}/comments",
        "author": account(instance, base, found.author),
        "committer": account(instance, base, found.committer),
        "parents": [
            {
                "sha": sha,
                "url": f"{address}/commits/{sha}",
                "html_url": f"{base}/{name}/commit/{sha}",
            }
            for sha in found.parents
        ],
    }


def git_commit(base: str, name: str, found: Commit) -> Json:
    """Return the object of Git's database, as `git/commits` shows it."""
    address = f"{base}/api/repos/{name}/git"
    return {
        "sha": found.sha,
        "node_id": actors.node_id("Commit", found.sha),
        "url": f"{address}/commits/{found.sha}",
        "html_url": f"{base}/{name}/commit/{found.sha}",
        **_identities(found),
        "message": found.message,
        "tree": {"sha": found.tree, "url": f"{address}/trees/{found.tree}"},
        "parents": [
            {
                "sha": sha,
                "url": f"{address}/commits/{sha}",
                "html_url": f"{base}/{name}/commit/{sha}",
            }
            for sha in found.parents
        ],
        "verification": {**_UNSIGNED, "verified_at": None},
    }


def file(base: str, name: str, sha: str, changed: File) -> Json:
    added = max(changed.additions, 0)
    shape: Json = {
        "sha": changed.sha,
        "filename": changed.path,
        "status": changed.status,
        "additions": added,
        "deletions": changed.deletions,
        "changes": added + changed.deletions,
        "blob_url": f"{base}/{name}/blob/{sha}/{changed.path}",
        "raw_url": f"{base}/{name}/blob/{sha}/{changed.path}?raw=true",
        "contents_url": f"{base}/api/repos/{name}/contents/{changed.path}?ref={sha}",
    }
    if changed.patch:
        shape["patch"] = changed.patch
    if changed.previous:
        shape["previous_filename"] = changed.previous
    return shape


def pushed_commit(base: str, name: str, found: Commit, touched: Sequence[tuple[str, str]]) -> Json:
    """Return a commit as a push event lists it; `touched` holds (status, path)."""
    by_status: dict[str, list[str]] = {"added": [], "removed": [], "modified": []}
    for status, path in touched:
        by_status.get(status, by_status["modified"]).append(path)
    return {
        "id": found.sha,
        "tree_id": found.tree,
        "distinct": True,
        "message": found.message,
        "timestamp": found.committer_date,
        "url": f"{base}/{name}/commit/{found.sha}",
        "author": _person(found.author),
        "committer": _person(found.committer),
        **by_status,
    }


def _identities(found: Commit) -> dict[str, Any]:
    return {
        "author": {**_person(found.author), "date": found.author_date},
        "committer": {**_person(found.committer), "date": found.committer_date},
    }


def _person(person: Person) -> Json:
    return {"name": person.name, "email": person.email}
