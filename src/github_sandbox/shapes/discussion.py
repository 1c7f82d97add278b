"""Comments, reviews and labels as GitHub's JSON."""

from __future__ import annotations

from urllib.parse import quote

from github_sandbox.instance import Instance
from github_sandbox.shapes import actors
from github_sandbox.state import Json


def comment(instance: Instance, base: str, name: str, known: Json) -> Json:
    api = f"{base}/api/repos/{name}"
    address = f"{api}/issues/comments/{known['id']}"
    reactions = instance.store.list("reaction", repository=name, parent=known["id"])
    place = "issues" if known.get("on_issue") else "pull"
    return {
        "id": known["id"],
        "node_id": actors.node_id("IssueComment", known["id"]),
        "url": address,
        "html_url": f"{base}/{name}/{place}/{known['number']}#issuecomment-{known['id']}",
        "issue_url": f"{api}/issues/{known['number']}",
        "user": actors.user(instance, base, known["author"]),
        "body": known["body"],
        "created_at": known["created_at"],
        "updated_at": known["updated_at"],
        "author_association": known["association"],
        "reactions": actors.reactions(address, [r["content"] for r in reactions]),
        "performed_via_github_app": None,
    }


def commit_comment(instance: Instance, base: str, name: str, known: Json) -> Json:
    address = f"{base}/api/repos/{name}/comments/{known['id']}"
    page = f"{base}/{name}/commit/{known['sha']}#commitcomment-{known['id']}"
    return {
        "id": known["id"],
        "node_id": actors.node_id("CommitComment", known["id"]),
        "url": address,
        "html_url": page,
        "commit_id": known["sha"],
        "path": known["path"],
        "position": known["position"],
        "line": known["line"],
        "user": actors.user(instance, base, known["author"]),
        "body": known["body"],
        "created_at": known["created_at"],
        "updated_at": known["updated_at"],
        "author_association": known["association"],
    }


def review(instance: Instance, base: str, name: str, known: Json) -> Json:
    page = f"{base}/{name}/pull/{known['number']}"
    pull = f"{base}/api/repos/{name}/pulls/{known['number']}"
    return {
        "id": known["id"],
        "node_id": actors.node_id("PullRequestReview", known["id"]),
        "user": actors.user(instance, base, known["author"]),
        "body": known["body"],
        "state": known["state"],
        "html_url": f"{page}#pullrequestreview-{known['id']}",
        "pull_request_url": pull,
        "author_association": known["association"],
        "_links": {
            "html": {"href": f"{page}#pullrequestreview-{known['id']}"},
            "pull_request": {"href": pull},
        },
        "submitted_at": known["submitted_at"],
        "commit_id": known["commit_id"],
    }


def reaction(instance: Instance, base: str, known: Json) -> Json:
    return {
        "id": known["id"],
        "node_id": actors.node_id("Reaction", known["id"]),
        "user": actors.user(instance, base, known["author"]),
        "content": known["content"],
        "created_at": known["created_at"],
    }


def label(base: str, name: str, known: Json) -> Json:
    return {
        "id": known["id"],
        "node_id": actors.node_id("Label", known["id"]),
        "url": f"{base}/api/repos/{name}/labels/{quote(known['name'], safe='')}",
        "name": known["name"],
        "color": known["color"],
        "default": False,
        "description": known["description"],
    }
