"""Pull requests as GitHub's JSON, in lists, alone, and as issues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from github_sandbox import access, protection
from github_sandbox.instance import Instance
from github_sandbox.shapes import actors, discussion
from github_sandbox.state import Json

_LINKS = {
    "html": "{base}/{name}/pull/{number}",
    "self": "{api}/pulls/{number}",
    "issue": "{api}/issues/{number}",
    "comments": "{api}/issues/{number}/comments",
    "review_comments": "{api}/pulls/{number}/comments",
    "review_comment": "{api}/pulls/comments{{/number}}",
    "commits": "{api}/pulls/{number}/commits",
    "statuses": "{api}/statuses/{sha}",
}

_API_LINKS = ("issue", "comments", "commits", "review_comments", "review_comment", "statuses")
_TIMES = ("created_at", "updated_at", "closed_at")


def pull(instance: Instance, base: str, name: str, known: Json) -> Json:
    """Return a pull request in the form of a list."""
    links = _links(base, name, known)
    return {
        "id": known["id"],
        "node_id": actors.node_id("PullRequest", known["id"]),
        "number": known["number"],
        **_pages(links),
        **{f"{key}_url": links[key] for key in _API_LINKS},
        "state": known["state"],
        "locked": False,
        "active_lock_reason": None,
        "title": known["title"],
        "body": known["body"],
        **_people_and_labels(instance, base, name, known),
        "requested_reviewers": [
            actors.user(instance, base, login) for login in known.get("reviewers", ())
        ],
        "requested_teams": [actors.team(base, name, slug) for slug in known.get("teams", ())],
        **{key: known[key] for key in _TIMES},
        "merged_at": known["merged_at"],
        "merge_commit_sha": known["merge_commit_sha"],
        "draft": known["draft"],
        "head": _side(instance, base, known, "head"),
        "base": _side(instance, base, known, "base"),
        "author_association": association(instance, name, known["author"]),
        "auto_merge": _auto_merge(instance, base, known),
        "_links": {key: {"href": value} for key, value in links.items()},
    }


def full(instance: Instance, base: str, name: str, known: Json) -> Json:
    """Return a single pull request, with counts and mergeability."""
    merger = known["merged_by"]
    return {
        **pull(instance, base, name, known),
        "merged": known["merged_at"] is not None,
        "merged_by": actors.user(instance, base, merger) if merger else None,
        "mergeable": known["mergeable"],
        "rebaseable": known["mergeable"],
        "mergeable_state": protection.mergeable_state(instance, name, known),
        "maintainer_can_modify": False,
        "comments": len(instance.store.list("comment", repository=name, parent=known["number"])),
        "review_comments": 0,
        **_counts(instance, name, known),
    }


def issue(instance: Instance, base: str, name: str, known: Json) -> Json:
    """Return a pull request as an issue."""
    links = _links(base, name, known)
    return {
        **issue_fields(instance, base, name, known, page=links["html"]),
        "draft": known["draft"],
        "pull_request": {
            **_pages(links),
            "merged_at": known["merged_at"],
        },
    }


def issue_fields(instance: Instance, base: str, name: str, known: Json, *, page: str) -> Json:
    """Return the common fields of issues and pull requests."""
    address = f"{base}/api/repos/{name}/issues/{known['number']}"
    return {
        "id": known["id"],
        "node_id": actors.node_id("Issue", known["id"]),
        "number": known["number"],
        "url": address,
        "repository_url": f"{base}/api/repos/{name}",
        "labels_url": f"{address}/labels{{/name}}",
        "comments_url": f"{address}/comments",
        "events_url": f"{address}/events",
        "html_url": page,
        "title": known["title"],
        "body": known["body"],
        "state": known["state"],
        "state_reason": None,
        **_people_and_labels(instance, base, name, known),
        "locked": False,
        "active_lock_reason": None,
        "comments": len(instance.store.list("comment", repository=name, parent=known["number"])),
        **{key: known[key] for key in _TIMES},
        "author_association": association(instance, name, known["author"]),
        "reactions": actors.reactions(address),
    }


def labels_of(instance: Instance, base: str, name: str, known: Json) -> list[Json]:
    stored = (instance.store.get("label", repository=name, key=label) for label in known["labels"])
    return [discussion.label(base, name, label) for label in stored if label]


def association(instance: Instance, name: str, login: str) -> str:
    """Return GitHub's author_association of an account and a repository."""
    if login == name.split("/", maxsplit=1)[0]:
        return "OWNER"
    repository = instance.repository(name)
    may_write = repository is not None and access.at_least(
        access.permission_of(instance.store, login, repository), "triage"
    )
    return "COLLABORATOR" if may_write else "NONE"


def _pages(links: Mapping[str, str]) -> Json:
    return {
        "url": links["self"],
        "html_url": links["html"],
        "diff_url": f"{links['html']}.diff",
        "patch_url": f"{links['html']}.patch",
    }


def _people_and_labels(instance: Instance, base: str, name: str, known: Json) -> Json:
    return {
        "user": actors.user(instance, base, known["author"]),
        "labels": labels_of(instance, base, name, known),
        "milestone": None,
        "assignee": None,
        "assignees": [],
    }


def _links(base: str, name: str, known: Json) -> dict[str, str]:
    api = f"{base}/api/repos/{name}"
    values: dict[str, Any] = {"base": base, "name": name, "api": api, "sha": known["head_sha"]}
    return {key: text.format(number=known["number"], **values) for key, text in _LINKS.items()}


def _side(instance: Instance, base: str, known: Json, side: str) -> Json:
    name = known[f"{side}_repository"]
    repository = instance.repository(name)
    owner = name.split("/")[0]
    return {
        "label": f"{owner}:{known[f'{side}_ref']}",
        "ref": known[f"{side}_ref"],
        "sha": known[f"{side}_sha"],
        "user": actors.user(instance, base, owner),
        "repo": actors.repository(instance, base, repository) if repository else None,
    }


def _auto_merge(instance: Instance, base: str, known: Json) -> Json | None:
    settings = known.get("auto_merge")
    return settings and {
        "enabled_by": actors.user(instance, base, settings["login"]),
        "merge_method": "squash",
        "commit_title": f"{known['title']} (#{known['number']})",
        "commit_message": known["body"] or "",
    }


def _counts(instance: Instance, name: str, known: Json) -> Json:
    git = instance.git(name)
    base = git.merge_base(known["base_sha"], known["head_sha"]) or known["base_sha"]
    files = git.files(base, known["head_sha"])
    return {
        "commits": git.count(known["head_sha"], exclude=base),
        "additions": sum(max(file.additions, 0) for file in files),
        "deletions": sum(file.deletions for file in files),
        "changed_files": len(files),
    }
