"""Check runs, commit statuses and deployments as GitHub's JSON."""

from __future__ import annotations

from github_sandbox.instance import Instance
from github_sandbox.shapes import actors
from github_sandbox.state import Json


def check_run(instance: Instance, base: str, name: str, known: Json) -> Json:
    api = f"{base}/api/repos/{name}"
    address = f"{api}/check-runs/{known['id']}"
    output = known["output"]
    pulls = instance.store.list("pull", repository=name)
    return {
        "id": known["id"],
        "node_id": actors.node_id("CheckRun", known["id"]),
        "name": known["name"],
        "head_sha": known["head_sha"],
        "external_id": known["external_id"],
        "url": address,
        "html_url": f"{base}/{name}/commit/{known['head_sha']}#check-{known['id']}",
        "details_url": known["details_url"] or f"{base}/{name}/commit/{known['head_sha']}",
        "status": known["status"],
        "conclusion": known["conclusion"],
        "started_at": known["started_at"],
        "completed_at": known["completed_at"],
        "output": {
            "title": output.get("title"),
            "summary": output.get("summary"),
            "text": output.get("text"),
            "annotations_count": len(known["annotations"]),
            "annotations_url": f"{address}/annotations",
        },
        "check_suite": _suite(instance, base, api, known),
        "app": app(instance, base, known["creator"]),
        "pull_requests": [
            _pull(api, pull) for pull in pulls if pull["head_sha"] == known["head_sha"]
        ],
    }


def _suite(instance: Instance, base: str, api: str, known: Json) -> Json:
    """Return the check suite of a run: here each run has its own.

    A suite is never skipped; with a skipped run it is neutral.
    """
    return {
        "id": known["id"],
        "node_id": actors.node_id("CheckSuite", known["id"]),
        "head_branch": None,
        "head_sha": known["head_sha"],
        "status": known["status"],
        "conclusion": "neutral" if known["conclusion"] == "skipped" else known["conclusion"],
        "url": f"{api}/check-suites/{known['id']}",
        "before": None,
        "after": known["head_sha"],
        "pull_requests": [],
        "app": app(instance, base, known["creator"]),
        "created_at": known["started_at"],
        "updated_at": known["completed_at"] or known["started_at"],
    }


def app(instance: Instance, base: str, login: str) -> Json:
    """Return the app of a check: the account of the token."""
    slug = login.removesuffix("[bot]")
    return {
        "id": (instance.user(login) or {"id": 0})["id"],
        "slug": slug,
        "node_id": actors.node_id("App", slug),
        "name": slug,
        "owner": actors.user(instance, base, login),
        "description": "",
        "external_url": base,
        "html_url": f"{base}/apps/{slug}",
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2020-01-01T00:00:00Z",
        "permissions": {},
        "events": [],
    }


def _pull(api: str, known: Json) -> Json:
    return {
        "id": known["id"],
        "number": known["number"],
        "url": f"{api}/pulls/{known['number']}",
        "head": {"ref": known["head_ref"], "sha": known["head_sha"], "repo": _named(api, known)},
        "base": {"ref": known["base_ref"], "sha": known["base_sha"], "repo": _named(api, known)},
    }


def _named(api: str, known: Json) -> Json:
    return {"id": known["id"], "url": api, "name": api.rsplit("/", 1)[-1]}


def status(instance: Instance, base: str, name: str, known: Json) -> Json:
    return {
        "id": known["id"],
        "node_id": actors.node_id("StatusContext", known["id"]),
        "url": f"{base}/api/repos/{name}/statuses/{known['sha']}",
        "avatar_url": None,
        "state": known["state"],
        "context": known["context"],
        "description": known["description"],
        "target_url": known["target_url"],
        "creator": actors.user(instance, base, known["creator"]),
        "created_at": known["created_at"],
        "updated_at": known["created_at"],
    }


def deployment(instance: Instance, base: str, name: str, known: Json) -> Json:
    api = f"{base}/api/repos/{name}"
    address = f"{api}/deployments/{known['id']}"
    kept = ("id", "sha", "ref", "task", "payload", "environment", "description", "created_at")
    return {
        **{field: known[field] for field in kept},
        "node_id": actors.node_id("Deployment", known["id"]),
        "url": address,
        "original_environment": known["environment"],
        "creator": actors.user(instance, base, known["creator"]),
        "updated_at": known["created_at"],
        "statuses_url": f"{address}/statuses",
        "repository_url": api,
        "transient_environment": known["transient_environment"],
        "production_environment": known["production_environment"],
        "performed_via_github_app": None,
    }


def deployment_status(instance: Instance, base: str, name: str, known: Json) -> Json:
    api = f"{base}/api/repos/{name}"
    address = f"{api}/deployments/{known['deployment_id']}"
    kept = ("id", "state", "description", "environment", "target_url", "log_url", "created_at")
    return {
        **{field: known[field] for field in kept},
        "node_id": actors.node_id("DeploymentStatus", known["id"]),
        "url": f"{address}/statuses/{known['id']}",
        "environment_url": known["environment_url"],
        "creator": actors.user(instance, base, known["creator"]),
        "updated_at": known["created_at"],
        "deployment_url": address,
        "repository_url": api,
        "performed_via_github_app": None,
    }
