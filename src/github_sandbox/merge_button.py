"""The merge button: whether a pull request may land, and the three ways it does."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from github_sandbox import automerge, merging, protection, pulls, ref_updates
from github_sandbox.access import Actor
from github_sandbox.git import GitFailed
from github_sandbox.http_types import Refusal
from github_sandbox.shapes import commits as shapes
from github_sandbox.state import Json
from github_sandbox.world import World

METHODS = ("merge", "squash", "rebase")
_READY = ("clean", "unstable")
_MOVED = "Head branch was modified. Review and try the merge again."
_NOT_MERGEABLE = "Pull Request is not mergeable"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a merge asks for; empty texts take GitHub's default messages."""

    method: str
    sha: str = ""
    title: str = ""
    message: str = ""


def land(world: World, name: str, pull: Json, wish: Wish, *, by: Actor) -> str:
    """Merge and return the new tip of the base; Refusal 405 may not, 409 moved or conflicts."""
    _check(world, name, pull, wish)
    git = world.git(name)
    base = git.branch(pull["base_ref"])
    if base is None:
        raise Refusal(405, _NOT_MERGEABLE)
    tip = _make(world, name, pull, wish, base=base, by=by)
    if tip is None:
        raise Refusal(409, "Merge conflict")
    ref = f"refs/heads/{pull['base_ref']}"
    try:
        git.update_ref(ref, tip, expected=base)
    except GitFailed as error:
        message = "Base branch was modified. Review and try the merge again."
        raise Refusal(405, message) from error
    pulls.mark_merged(world, name, pull, sha=tip, by=by)
    ref_updates.refs_moved(world, name, [ref_updates.Move(ref, base, tip)], by=by)
    return tip


def land_waiting(world: World, name: str) -> None:
    """Merge what has auto-merge and is kept from its merge by nothing any more."""
    for listed in pulls.open_pulls(world, name):
        by = automerge.enabler(listed)
        # One that landed has moved the base of the next.
        pull = by and pulls.find(world, name, listed["number"])
        if by and pull and protection.mergeable_state(world, name, pull) in _READY:
            with suppress(Refusal):
                land(world, name, pull, Wish(automerge.METHOD), by=by)


def _check(world: World, name: str, pull: Json, wish: Wish) -> None:
    if pull["state"] != "open":
        raise Refusal(405, _NOT_MERGEABLE)
    if pull["draft"]:
        raise Refusal(405, "Pull Request is still a draft")
    if wish.sha and wish.sha != pull["head_sha"]:
        raise Refusal(409, _MOVED)
    if pull["mergeable"] is False:
        raise Refusal(409, "Merge conflict")
    reason = protection.obstacle(world, name, pull)
    if reason is not None:
        raise Refusal(405, reason)


def _make(world: World, name: str, pull: Json, wish: Wish, *, base: str, by: Actor) -> str | None:
    git, head, person = world.git(name), pull["head_sha"], shapes.person_of(by.login)
    if wish.method == "rebase":
        return merging.rebase(git, base=base, head=head, by=person)
    message = _message(pull, wish)
    make = merging.squash if wish.method == "squash" else merging.merge
    return make(git, base=base, head=head, message=message, by=person)


def _message(pull: Json, wish: Wish) -> str:
    owner = pull["head_repository"].split("/")[0]
    if wish.method == "squash":
        title, body = f"{pull['title']} (#{pull['number']})", pull["body"] or ""
    else:
        origin = f"{owner}/{pull['head_ref']}"
        title, body = f"Merge pull request #{pull['number']} from {origin}", pull["title"]
    title, body = wish.title or title, wish.message or body
    return f"{title}\n\n{body}".rstrip() + "\n"
