"""Commits and changed files as GitHub's JSON."""

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
    """Return the name and address of GitHub's own commits for a user."""
    return Person(login, f"{login}@{NO_REPLY}")


def account(instance: Instance, base: str, person: Person) -> Json | None:
    """Return the account of a no-reply address, or None."""
    login, _, domain = person.email.partition("@")
    known = instance.user(login.split("+")[-1]) if domain == NO_REPLY else None
    return actors.user(instance, base, known["login"]) if known else None


def commit(instance: Instance, base: str, name: str, known: Commit) -> Json:
    address = f"{base}/api/repos/{name}"
    return {
        "sha": known.sha,
        "node_id": actors.node_id("Commit", known.sha),
        "commit": {
            **_identities(known),
            "message": known.message,
            "tree": {"sha": known.tree, "url": f"{address}/git/trees/{known.tree}"},
            "url": f"{address}/git/commits/{known.sha}",
            "comment_count": len(
                instance.store.list("commit_comment", repository=name, parent=known.sha)
            ),
            "verification": {**_UNSIGNED, "verified_at": None},
        },
        "url": f"{address}/commits/{known.sha}",
        "html_url": f"{base}/{name}/commit/{known.sha}",
        "comments_url": f"{address}/commits/{known.sha}/comments",
        "author": account(instance, base, known.author),
        "committer": account(instance, base, known.committer),
        "parents": [
            {
                "sha": sha,
                "url": f"{address}/commits/{sha}",
                "html_url": f"{base}/{name}/commit/{sha}",
            }
            for sha in known.parents
        ],
    }


def git_commit(base: str, name: str, known: Commit) -> Json:
    """Return a commit in the form of `git/commits`."""
    address = f"{base}/api/repos/{name}/git"
    return {
        "sha": known.sha,
        "node_id": actors.node_id("Commit", known.sha),
        "url": f"{address}/commits/{known.sha}",
        "html_url": f"{base}/{name}/commit/{known.sha}",
        **_identities(known),
        "message": known.message,
        "tree": {"sha": known.tree, "url": f"{address}/trees/{known.tree}"},
        "parents": [
            {
                "sha": sha,
                "url": f"{address}/commits/{sha}",
                "html_url": f"{base}/{name}/commit/{sha}",
            }
            for sha in known.parents
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


def pushed_commit(base: str, name: str, known: Commit, touched: Sequence[tuple[str, str]]) -> Json:
    """Return a commit in the form of a push event; `touched` has (status, path)."""
    by_status: dict[str, list[str]] = {"added": [], "removed": [], "modified": []}
    for status, path in touched:
        by_status.get(status, by_status["modified"]).append(path)
    return {
        "id": known.sha,
        "tree_id": known.tree,
        "distinct": True,
        "message": known.message,
        "timestamp": known.committer_date,
        "url": f"{base}/{name}/commit/{known.sha}",
        "author": _person(known.author),
        "committer": _person(known.committer),
        **by_status,
    }


def _identities(known: Commit) -> dict[str, Any]:
    return {
        "author": {**_person(known.author), "date": known.author_date},
        "committer": {**_person(known.committer), "date": known.committer_date},
    }


def _person(person: Person) -> Json:
    return {"name": person.name, "email": person.email}
