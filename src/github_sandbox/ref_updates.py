"""What follows when a ref has moved: the push event, and the pull requests that hang on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from github_sandbox import automerge, limits, pulls
from github_sandbox.access import Actor
from github_sandbox.git import ZERO, Commit
from github_sandbox.shapes import actors
from github_sandbox.shapes import commits as shapes
from github_sandbox.state import Json
from github_sandbox.world import World

# GitHub's webhook lists at most so many commits of one push.
_COMMITS_LISTED = 2_048


@dataclass(frozen=True, slots=True)
class Move:
    """A ref that went from one object to another; ZERO where it did not or does not exist."""

    ref: str
    before: str
    after: str

    @property
    def branch(self) -> str:
        return self.ref.removeprefix("refs/heads/") if self.ref.startswith("refs/heads/") else ""


def refs_moved(world: World, name: str, moves: Sequence[Move], *, by: Actor) -> None:
    """Tell the push and bring every open pull request up to date; inside a transaction."""
    repository = world.need_repository(name)
    for move in moves:
        repository["pushed_at"] = limits.now()
        world.save_repository(repository)
        _announce(world, repository, move, by=by)
        if move.branch and _is_current(world, name, move):
            _move_heads(world, name, move, by=by)
            _move_bases(world, name, move, by=by)


def _is_current(world: World, name: str, move: Move) -> bool:
    """Say whether the branch is still there: of two racing pushes the first may be told last."""
    return (world.git(name).branch(move.branch) or ZERO) == move.after


def _announce(world: World, repository: Json, move: Move, *, by: Actor) -> None:
    name, base = repository["full_name"], world.base_url
    git = world.git(name)
    commits = _pushed(world, name, move)
    touched = git.touched([commit.sha for commit in commits])
    listed = [shapes.pushed_commit(base, name, commit, touched[commit.sha]) for commit in commits]
    payload: Json = {
        "ref": move.ref,
        "before": move.before,
        "after": move.after,
        "created": move.before == ZERO,
        "deleted": move.after == ZERO,
        "forced": _forced(world, name, move),
        "base_ref": None,
        "compare": f"{base}/{name}/compare/{move.before[:12]}...{move.after[:12]}",
        "commits": listed,
        "head_commit": listed[-1] if listed else None,
        "repository": actors.repository(world, base, repository),
        "pusher": {"name": by.login, "email": f"{by.login}@{shapes.NO_REPLY}"},
        "sender": actors.user(world, base, by.login),
    }
    world.emit("push", "", payload, repository=name, by=by)


def _pushed(world: World, name: str, move: Move) -> list[Commit]:
    git = world.git(name)
    head = git.resolve(move.after) if move.after != ZERO else None
    if head is None:
        return []
    if move.before != ZERO:
        found = git.commits(head, exclude=move.before, limit=_COMMITS_LISTED, oldest_first=True)
        return found or [git.commit(head)]
    default = git.branch(world.need_repository(name)["default_branch"])
    start = default if default and default != head else ""
    found = git.commits(head, exclude=start, limit=_COMMITS_LISTED, oldest_first=True)
    return found or [git.commit(head)]


def _forced(world: World, name: str, move: Move) -> bool:
    if ZERO in (move.before, move.after):
        return False
    return not world.git(name).is_ancestor(move.before, move.after)


def _move_heads(world: World, name: str, move: Move, *, by: Actor) -> None:
    for repository in world.repositories():
        target = repository["full_name"]
        for pull in pulls.open_pulls(world, target):
            if (pull["head_repository"], pull["head_ref"]) != (name, move.branch):
                continue
            if move.after == ZERO:
                pulls.close(world, target, pull, by=by)
            else:
                _synchronize(world, target, pull, move, by=by)


def _synchronize(world: World, name: str, pull: Json, move: Move, *, by: Actor) -> None:
    git = world.git(name)
    more = {"before": pull["head_sha"], "after": move.after}
    pull["head_sha"] = move.after
    # GitHub moves base.sha with the head, not whenever the base moves.
    pull["base_sha"] = git.branch(pull["base_ref"]) or pull["base_sha"]
    pulls.follow_head(world, name, pull)
    pulls.refresh(world, name, pull)
    pulls.save(world, name, pull)
    event = "force-pushed" if _forced(world, pull["head_repository"], move) else "pushed"
    pulls.note(world, name, pull["number"], event, by=by, **more)
    pulls.announce(world, name, pull, "synchronize", by=by, **more)
    automerge.distrust(world, name, pull, by=by)


def _move_bases(world: World, name: str, move: Move, *, by: Actor) -> None:
    git = world.git(name)
    for pull in pulls.open_pulls(world, name):
        if pull["base_ref"] != move.branch:
            continue
        if move.after == ZERO:
            pulls.close(world, name, pull, by=by)
        elif git.is_ancestor(pull["head_sha"], move.after):
            pulls.mark_merged(world, name, pull, sha=move.after, by=by)
        else:
            pulls.refresh(world, name, pull)
            pulls.save(world, name, pull)
