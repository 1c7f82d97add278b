"""Create, find and close issues; a pull request is an issue, too."""

from __future__ import annotations

from github_sandbox import limits, pulls
from github_sandbox.access import Actor
from github_sandbox.instance import Instance
from github_sandbox.shapes import actors
from github_sandbox.shapes import issues as shapes
from github_sandbox.state import Json


def find(instance: Instance, name: str, number: int) -> Json | None:
    """Return the pull request or issue with a number."""
    return pulls.find(instance, name, number) or instance.store.get(
        "issue", repository=name, key=number
    )


def every(instance: Instance, name: str) -> list[Json]:
    """Return all issues and pull requests, sorted by number."""
    kinds = ("issue", "pull")
    items = [item for kind in kinds for item in instance.store.list(kind, repository=name)]
    return sorted(items, key=lambda item: int(item["number"]))


def create(instance: Instance, name: str, *, title: str, body: str | None, by: Actor) -> Json:
    now = limits.now()
    issue: Json = {
        "id": instance.store.next("id"),
        "number": instance.store.next(f"number/{name}"),
        "author": by.login,
        "title": title,
        "body": body,
        "state": "open",
        "state_reason": None,
        "created_at": now,
        "closed_at": None,
        "labels": [],
    }
    save(instance, name, issue)
    announce(instance, name, issue, "opened", by=by)
    return issue


def save(instance: Instance, name: str, known: Json) -> None:
    if shapes.is_pull(known):
        pulls.save(instance, name, known)
        return
    known["updated_at"] = limits.now()
    instance.store.put("issue", known, repository=name, key=known["number"], parent=known["state"])


def announce(
    instance: Instance, name: str, known: Json, action: str, *, by: Actor, **more: object
) -> None:
    """Emit an event `issues` or `pull_request`."""
    if shapes.is_pull(known):
        pulls.announce(instance, name, known, action, by=by, **more)
        return
    base = instance.base_url
    payload = {
        "issue": shapes.issue(instance, base, name, known),
        "repository": actors.repository(instance, base, instance.need_repository(name)),
        "sender": actors.user(instance, base, by.login),
        **more,
    }
    instance.emit("issues", action, payload, repository=name, by=by)


def set_state(
    instance: Instance, name: str, issue: Json, state: str, *, reason: str | None, by: Actor
) -> None:
    """Close or reopen an issue, and emit its event."""
    closed = state == "closed"
    issue.update(
        state=state,
        state_reason=(reason or "completed") if closed else "reopened",
        closed_at=limits.now() if closed else None,
    )
    save(instance, name, issue)
    action = "closed" if closed else "reopened"
    pulls.note(instance, name, issue["number"], action, by=by)
    announce(instance, name, issue, action, by=by)
