"""Issues: opened, kept, closed; a number finds an issue or the pull request that is one, too."""

from __future__ import annotations

from github_sandbox import limits, pulls
from github_sandbox.access import Actor
from github_sandbox.shapes import actors
from github_sandbox.shapes import issues as shapes
from github_sandbox.state import Json
from github_sandbox.world import World


def find(world: World, name: str, number: int) -> Json | None:
    """Return what has that number: a pull request, or an issue that is none."""
    found = pulls.find(world, name, number)
    return found or world.store.get("issue", repository=name, key=number)


def every(world: World, name: str) -> list[Json]:
    """Return all that GitHub lists as issues, pull requests too, in the order of their numbers."""
    kinds = ("issue", "pull")
    found = [item for kind in kinds for item in world.store.list(kind, repository=name)]
    return sorted(found, key=lambda item: int(item["number"]))


def create(world: World, name: str, *, title: str, body: str | None, by: Actor) -> Json:
    now = limits.now()
    issue: Json = {
        "id": world.store.next("id"),
        "number": world.store.next(f"number/{name}"),
        "author": by.login,
        "title": title,
        "body": body,
        "state": "open",
        "state_reason": None,
        "created_at": now,
        "closed_at": None,
        "labels": [],
    }
    save(world, name, issue)
    announce(world, name, issue, "opened", by=by)
    return issue


def save(world: World, name: str, known: Json) -> None:
    if shapes.is_pull(known):
        pulls.save(world, name, known)
        return
    known["updated_at"] = limits.now()
    world.store.put("issue", known, repository=name, key=known["number"], parent=known["state"])


def announce(
    world: World, name: str, known: Json, action: str, *, by: Actor, **more: object
) -> None:
    """Owe the event of what it is: `issues`, or `pull_request`."""
    if shapes.is_pull(known):
        pulls.announce(world, name, known, action, by=by, **more)
        return
    base = world.base_url
    payload = {
        "issue": shapes.issue(world, base, name, known),
        "repository": actors.repository(world, base, world.need_repository(name)),
        "sender": actors.user(world, base, by.login),
        **more,
    }
    world.emit("issues", action, payload, repository=name, by=by)


def set_state(
    world: World, name: str, issue: Json, state: str, *, reason: str | None, by: Actor
) -> None:
    """Close or reopen an issue that is no pull request, with its line and its event."""
    closed = state == "closed"
    issue.update(
        state=state,
        state_reason=(reason or "completed") if closed else "reopened",
        closed_at=limits.now() if closed else None,
    )
    save(world, name, issue)
    action = "closed" if closed else "reopened"
    pulls.note(world, name, issue["number"], action, by=by)
    announce(world, name, issue, action, by=by)
