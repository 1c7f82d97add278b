"""Accounts and repositories as GitHub's JSON."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from github_sandbox.instance import Instance
from github_sandbox.state import Json

REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def node_id(kind: str, number: Any) -> str:
    return base64.b64encode(f"{kind}:{number}".encode()).decode()


def user(instance: Instance, base: str, login: str) -> Json:
    """Return an account by login; a deleted account becomes GitHub's ghost."""
    known = instance.user(login) or {"id": 0, "login": login or "ghost", "type": "User"}
    address = f"{base}/api/users/{known['login']}"
    return {
        "login": known["login"],
        "id": known["id"],
        "node_id": node_id("User", known["id"]),
        "avatar_url": "",
        "gravatar_id": "",
        "url": address,
        "html_url": f"{base}/{known['login']}",
        "followers_url": f"{address}/followers",
        "following_url": f"{address}/following{{/other_user}}",
        "gists_url": f"{address}/gists{{/gist_id}}",
        "starred_url": f"{address}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{address}/subscriptions",
        "organizations_url": f"{address}/orgs",
        "repos_url": f"{address}/repos",
        "events_url": f"{address}/events{{/privacy}}",
        "received_events_url": f"{address}/received_events",
        "type": known["type"],
        "site_admin": False,
    }


def team(base: str, name: str, slug: str) -> Json:
    """Return a team with any name; the sandbox stores no teams."""
    address = f"{base}/api/organizations/1/team/{slug}"
    return {
        "id": 1 + sum(slug.encode()),
        "node_id": node_id("Team", slug),
        "name": slug,
        "slug": slug,
        "description": None,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": "push",
        "url": address,
        "html_url": f"{base}/orgs/{name.split('/', maxsplit=1)[0]}/teams/{slug}",
        "members_url": f"{address}/members{{/member}}",
        "repositories_url": f"{address}/repos",
        "type": "organization",
        "parent": None,
    }


_URLS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


# The fields that are the same for every repository here.
_CONSTANT_FIELDS: Json = {
    "mirror_url": None,
    "homepage": None,
    "language": None,
    "license": None,
    "archived": False,
    "disabled": False,
    "is_template": False,
    "topics": [],
    "custom_properties": {},
    "allow_forking": True,
    "web_commit_signoff_required": False,
    "has_issues": True,
    "has_projects": False,
    "has_wiki": False,
    "has_pages": False,
    "has_downloads": True,
    "has_discussions": False,
    "forks_count": 0,
    "stargazers_count": 0,
    "watchers_count": 0,
    "open_issues_count": 0,
    "forks": 0,
    "open_issues": 0,
    "watchers": 0,
    "size": 0,
}


def repository(instance: Instance, base: str, known: Json) -> Json:
    name = known["full_name"]
    address = f"{base}/api/repos/{name}"
    return {
        **_CONSTANT_FIELDS,
        **{field: address + rest for field, rest in _URLS.items()},
        **dict.fromkeys(("clone_url", "git_url", "ssh_url"), f"{base}/{name}.git"),
        **dict.fromkeys(("html_url", "svn_url"), f"{base}/{name}"),
        "id": known["id"],
        "node_id": node_id("Repository", known["id"]),
        "name": name.split("/")[1],
        "full_name": name,
        "owner": user(instance, base, name.split("/")[0]),
        "private": known["private"],
        "visibility": "private" if known["private"] else "public",
        "description": known.get("description", ""),
        "fork": bool(known["fork_of"]),
        "url": address,
        "default_branch": known["default_branch"],
        "created_at": known["created_at"],
        "updated_at": known["created_at"],
        "pushed_at": known.get("pushed_at", known["created_at"]),
    }


def reactions(address: str, contents: Sequence[str] = ()) -> Json:
    """Return the number of reactions of a comment, in total and per kind."""
    counts = {kind: contents.count(kind) for kind in REACTIONS}
    return {"url": f"{address}/reactions", "total_count": len(contents), **counts}
