"""Store comments, reactions and reviews, and emit their events."""

from __future__ import annotations

from github_sandbox import limits
from github_sandbox.access import Actor
from github_sandbox.instance import Instance
from github_sandbox.shapes import actors
from github_sandbox.shapes import discussion as shapes
from github_sandbox.shapes import issues as issue_shapes
from github_sandbox.shapes import pulls as pull_shapes
from github_sandbox.state import Json


def create_comment(instance: Instance, name: str, on: Json, body: str, *, by: Actor) -> Json:
    """Comment on a pull request or an issue."""
    now = limits.now()
    comment: Json = {
        "id": instance.store.next("id"),
        "number": on["number"],
        "on_issue": not issue_shapes.is_pull(on),
        "author": by.login,
        "body": body,
        "association": pull_shapes.association(instance, name, by.login),
        "created_at": now,
        "updated_at": now,
    }
    save_comment(instance, name, comment)
    announce_comment(instance, name, on, comment, "created", by=by)
    return comment


def save_comment(instance: Instance, name: str, comment: Json) -> None:
    instance.store.put(
        "comment", comment, repository=name, key=comment["id"], parent=comment["number"]
    )


def announce_comment(
    instance: Instance,
    name: str,
    on: Json,
    comment: Json,
    action: str,
    *,
    by: Actor,
    **more: object,
) -> None:
    """Emit an issue_comment event; as on GitHub its payload has no commit."""
    base = instance.base_url
    payload = {
        "issue": issue_shapes.issue(instance, base, name, on),
        "comment": shapes.comment(instance, base, name, comment),
        "repository": actors.repository(instance, base, instance.need_repository(name)),
        "sender": actors.user(instance, base, by.login),
        **more,
    }
    instance.emit("issue_comment", action, payload, repository=name, by=by)


def comment_on_commit(
    instance: Instance, name: str, sha: str, body: str, place: Json, *, by: Actor
) -> Json:
    """`place` has path, position and line; all are None for a comment on the whole commit."""
    now = limits.now()
    comment: Json = {
        "id": instance.store.next("id"),
        "sha": sha,
        "author": by.login,
        "body": body,
        "association": pull_shapes.association(instance, name, by.login),
        "created_at": now,
        "updated_at": now,
        **place,
    }
    save_commit_comment(instance, name, comment)
    base = instance.base_url
    payload = {
        "comment": shapes.commit_comment(instance, base, name, comment),
        "repository": actors.repository(instance, base, instance.need_repository(name)),
        "sender": actors.user(instance, base, by.login),
    }
    instance.emit("commit_comment", "created", payload, repository=name, by=by)
    return comment


def save_commit_comment(instance: Instance, name: str, comment: Json) -> None:
    instance.store.put(
        "commit_comment", comment, repository=name, key=comment["id"], parent=comment["sha"]
    )


def react(
    instance: Instance, name: str, comment: Json, content: str, *, by: Actor
) -> tuple[Json, bool]:
    """Return the reaction, and True if it is new; as on GitHub there is no event."""
    key = f"{comment['id']}:{content}:{by.login}"
    known = instance.store.get("reaction", repository=name, key=key)
    if known is not None:
        return known, False
    made: Json = {
        "id": instance.store.next("id"),
        "key": key,
        "author": by.login,
        "content": content,
        "created_at": limits.now(),
    }
    instance.store.put("reaction", made, repository=name, key=key, parent=comment["id"])
    return made, True


def delete_reaction(instance: Instance, name: str, reaction: Json) -> None:
    instance.store.delete("reaction", repository=name, key=reaction["key"])


def create_review(
    instance: Instance, name: str, pull: Json, *, body: str, state: str, commit_id: str, by: Actor
) -> Json:
    review: Json = {
        "id": instance.store.next("id"),
        "number": pull["number"],
        "author": by.login,
        "body": body,
        "state": state,
        "commit_id": commit_id,
        "association": pull_shapes.association(instance, name, by.login),
        "submitted_at": limits.now(),
    }
    save_review(instance, name, pull, review, "submitted", by=by)
    return review


def save_review(
    instance: Instance, name: str, pull: Json, review: Json, action: str, *, by: Actor
) -> None:
    instance.store.put("review", review, repository=name, key=review["id"], parent=pull["number"])
    base = instance.base_url
    shape = shapes.review(instance, base, name, review)
    payload = {
        "review": {**shape, "state": review["state"].lower()},
        "pull_request": pull_shapes.pull(instance, base, name, pull),
        "repository": actors.repository(instance, base, instance.need_repository(name)),
        "sender": actors.user(instance, base, by.login),
    }
    instance.emit("pull_request_review", action, payload, repository=name, by=by)
