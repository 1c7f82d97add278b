"""Update pull requests after a push, and emit its event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from github_sandbox import automerge, limits, pulls
from github_sandbox.access import Actor
from github_sandbox.git import ZERO, Commit
from github_sandbox.instance import Instance
from github_sandbox.shapes import actors
from github_sandbox.shapes import commits as shapes
from github_sandbox.state import Json

# The maximum number of commits in the webhook of one push.
_COMMITS_LISTED = 2_048


@dataclass(frozen=True, slots=True)
class RefUpdate:
    """A ref before and after a push; ZERO means that it does not exist."""

    ref: str
    before: str
    after: str

    @property
    def branch(self) -> str:
        return self.ref.removeprefix("refs/heads/") if self.ref.startswith("refs/heads/") else ""


def apply(instance: Instance, name: str, moves: Sequence[RefUpdate], *, by: Actor) -> None:
    """Emit push events and update all open pull requests; inside a transaction."""
    repository = instance.need_repository(name)
    for move in moves:
        repository["pushed_at"] = limits.now()
        instance.save_repository(repository)
        _announce(instance, repository, move, by=by)
        if move.branch and _is_current(instance, name, move):
            _move_heads(instance, name, move, by=by)
            _move_bases(instance, name, move, by=by)


def _is_current(instance: Instance, name: str, move: RefUpdate) -> bool:
    """Return True if this push is the latest: two pushes may arrive in another order."""
    return (instance.git(name).branch(move.branch) or ZERO) == move.after


def _announce(instance: Instance, repository: Json, move: RefUpdate, *, by: Actor) -> None:
    name, base = repository["full_name"], instance.base_url
    listed = [shapes.pushed_commit(base, name, *each) for each in _pushed(instance, name, move)]
    payload: Json = {
        "ref": move.ref,
        "before": move.before,
        "after": move.after,
        "created": move.before == ZERO,
        "deleted": move.after == ZERO,
        "forced": _forced(instance, name, move),
        "base_ref": None,
        "compare": f"{base}/{name}/compare/{move.before[:12]}...{move.after[:12]}",
        "commits": listed,
        "head_commit": listed[-1] if listed else None,
        "repository": actors.repository(instance, base, repository),
        "pusher": {"name": by.login, "email": f"{by.login}@{shapes.NO_REPLY}"},
        "sender": actors.user(instance, base, by.login),
    }
    instance.emit("push", "", payload, repository=name, by=by)


def _pushed(
    instance: Instance, name: str, move: RefUpdate
) -> list[tuple[Commit, list[tuple[str, str]]]]:
    git = instance.git(name)
    head = git.resolve(move.after) if move.after != ZERO else None
    if head is None:
        return []
    if move.before != ZERO:
        start = move.before
    else:
        default = git.branch(instance.need_repository(name)["default_branch"])
        start = default if default and default != head else ""
    return git.pushed(head, exclude=start, limit=_COMMITS_LISTED)


def _forced(instance: Instance, name: str, move: RefUpdate) -> bool:
    if ZERO in (move.before, move.after):
        return False
    return not instance.git(name).is_ancestor(move.before, move.after)


def _move_heads(instance: Instance, name: str, move: RefUpdate, *, by: Actor) -> None:
    for repository in instance.repositories():
        target = repository["full_name"]
        for pull in pulls.open_pulls(instance, target):
            if (pull["head_repository"], pull["head_ref"]) != (name, move.branch):
                continue
            if move.after == ZERO:
                pulls.close(instance, target, pull, by=by)
            else:
                _synchronize(instance, target, pull, move, by=by)


def _synchronize(instance: Instance, name: str, pull: Json, move: RefUpdate, *, by: Actor) -> None:
    git = instance.git(name)
    more = {"before": pull["head_sha"], "after": move.after}
    pull["head_sha"] = move.after
    # GitHub updates base.sha with the head, not with the base.
    pull["base_sha"] = git.branch(pull["base_ref"]) or pull["base_sha"]
    pulls.follow_head(instance, name, pull)
    pulls.refresh(instance, name, pull)
    pulls.save(instance, name, pull)
    event = "force-pushed" if _forced(instance, pull["head_repository"], move) else "pushed"
    pulls.note(instance, name, pull["number"], event, by=by, **more)
    pulls.announce(instance, name, pull, "synchronize", by=by, **more)
    automerge.disable_after_push(instance, name, pull, by=by)


def _move_bases(instance: Instance, name: str, move: RefUpdate, *, by: Actor) -> None:
    git = instance.git(name)
    for pull in pulls.open_pulls(instance, name):
        if pull["base_ref"] != move.branch:
            continue
        if move.after == ZERO:
            pulls.close(instance, name, pull, by=by)
        elif git.is_ancestor(pull["head_sha"], move.after):
            pulls.mark_merged(instance, name, pull, sha=move.after, by=by)
        else:
            pulls.refresh(instance, name, pull)
            pulls.save(instance, name, pull)
