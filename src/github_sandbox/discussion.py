"""Comments and reviews kept, with the events they cause."""

from __future__ import annotations

from github_sandbox import limits
from github_sandbox.access import Actor
from github_sandbox.shapes import actors
from github_sandbox.shapes import discussion as shapes
from github_sandbox.shapes import issues as issue_shapes
from github_sandbox.shapes import pulls as pull_shapes
from github_sandbox.state import Json
from github_sandbox.world import World


def create_comment(world: World, name: str, on: Json, body: str, *, by: Actor) -> Json:
    """Comment on a pull request, or on an issue that is none."""
    now = limits.now()
    comment: Json = {
        "id": world.store.next("id"),
        "number": on["number"],
        "on_issue": not issue_shapes.is_pull(on),
        "author": by.login,
        "body": body,
        "association": pull_shapes.association(world, name, by.login),
        "created_at": now,
        "updated_at": now,
    }
    save_comment(world, name, comment)
    announce_comment(world, name, on, comment, "created", by=by)
    return comment


def save_comment(world: World, name: str, comment: Json) -> None:
    world.store.put(
        "comment", comment, repository=name, key=comment["id"], parent=comment["number"]
    )


def announce_comment(
    world: World, name: str, on: Json, comment: Json, action: str, *, by: Actor, **more: object
) -> None:
    """Owe an issue_comment event; as on GitHub its payload names no commit."""
    base = world.base_url
    payload = {
        "issue": issue_shapes.issue(world, base, name, on),
        "comment": shapes.comment(world, base, name, comment),
        "repository": actors.repository(world, base, world.need_repository(name)),
        "sender": actors.user(world, base, by.login),
        **more,
    }
    world.emit("issue_comment", action, payload, repository=name, by=by)


def comment_on_commit(
    world: World, name: str, sha: str, body: str, place: Json, *, by: Actor
) -> Json:
    """`place` is path, position and line, each None where the comment is on the whole commit."""
    now = limits.now()
    comment: Json = {
        "id": world.store.next("id"),
        "sha": sha,
        "author": by.login,
        "body": body,
        "association": pull_shapes.association(world, name, by.login),
        "created_at": now,
        "updated_at": now,
        **place,
    }
    save_commit_comment(world, name, comment)
    base = world.base_url
    payload = {
        "comment": shapes.commit_comment(world, base, name, comment),
        "repository": actors.repository(world, base, world.need_repository(name)),
        "sender": actors.user(world, base, by.login),
    }
    world.emit("commit_comment", "created", payload, repository=name, by=by)
    return comment


def save_commit_comment(world: World, name: str, comment: Json) -> None:
    world.store.put(
        "commit_comment", comment, repository=name, key=comment["id"], parent=comment["sha"]
    )


def react(world: World, name: str, comment: Json, content: str, *, by: Actor) -> tuple[Json, bool]:
    """Return the reaction and whether it is new; it causes no event, as on GitHub."""
    key = f"{comment['id']}:{content}:{by.login}"
    known = world.store.get("reaction", repository=name, key=key)
    if known is not None:
        return known, False
    made: Json = {
        "id": world.store.next("id"),
        "key": key,
        "author": by.login,
        "content": content,
        "created_at": limits.now(),
    }
    world.store.put("reaction", made, repository=name, key=key, parent=comment["id"])
    return made, True


def take_back(world: World, name: str, reaction: Json) -> None:
    world.store.delete("reaction", repository=name, key=reaction["key"])


def create_review(
    world: World, name: str, pull: Json, *, body: str, state: str, commit_id: str, by: Actor
) -> Json:
    review: Json = {
        "id": world.store.next("id"),
        "number": pull["number"],
        "author": by.login,
        "body": body,
        "state": state,
        "commit_id": commit_id,
        "association": pull_shapes.association(world, name, by.login),
        "submitted_at": limits.now(),
    }
    save_review(world, name, pull, review, "submitted", by=by)
    return review


def save_review(
    world: World, name: str, pull: Json, review: Json, action: str, *, by: Actor
) -> None:
    world.store.put("review", review, repository=name, key=review["id"], parent=pull["number"])
    base = world.base_url
    shape = shapes.review(world, base, name, review)
    payload = {
        "review": {**shape, "state": review["state"].lower()},
        "pull_request": pull_shapes.pull(world, base, name, pull),
        "repository": actors.repository(world, base, world.need_repository(name)),
        "sender": actors.user(world, base, by.login),
    }
    world.emit("pull_request_review", action, payload, repository=name, by=by)
