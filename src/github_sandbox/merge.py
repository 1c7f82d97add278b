"""Merge a pull request with one of three methods, if its rules allow it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from github_sandbox import automerge, merge_commits, protection, pulls, ref_updates, rulesets
from github_sandbox.access import Actor
from github_sandbox.git import GitFailed
from github_sandbox.http_types import ApiError
from github_sandbox.instance import Instance
from github_sandbox.shapes import commits as shapes
from github_sandbox.state import Json

METHODS = ("merge", "squash", "rebase")
_READY = ("clean", "unstable")
_MOVED = "Head branch was modified. Review and try the merge again."
_NOT_MERGEABLE = "Pull Request is not mergeable"


@dataclass(frozen=True, slots=True)
class MergeOptions:
    """The options of a merge; empty texts mean GitHub's default messages."""

    method: str
    sha: str = ""
    title: str = ""
    message: str = ""


def merge_pull(
    instance: Instance, name: str, pull: Json, options: MergeOptions, *, by: Actor
) -> str:
    """Merge and return the new commit; ApiError 405 when refused, 409 for conflicts."""
    _check(instance, name, pull, options)
    git = instance.git(name)
    base = git.branch(pull["base_ref"])
    if base is None:
        raise ApiError(405, _NOT_MERGEABLE)
    tip = _make(instance, name, pull, options, base=base, by=by)
    if tip is None:
        raise ApiError(409, "Merge conflict")
    move = ref_updates.RefUpdate(f"refs/heads/{pull['base_ref']}", base, tip)
    reason = rulesets.refusal(instance, name, move)
    if reason is not None:
        raise ApiError(405, reason)
    try:
        git.update_ref(move.ref, tip, expected=base)
    except GitFailed as error:
        message = "Base branch was modified. Review and try the merge again."
        raise ApiError(405, message) from error
    pulls.mark_merged(instance, name, pull, sha=tip, by=by)
    ref_updates.apply(instance, name, [move], by=by)
    return tip


def merge_ready(instance: Instance, name: str) -> None:
    """Merge the pull requests with auto-merge that are ready."""
    for listed in pulls.open_pulls(instance, name):
        by = automerge.enabler(listed)
        # A merge moves the base of the next pull request.
        pull = by and pulls.find(instance, name, listed["number"])
        if by and pull and protection.mergeable_state(instance, name, pull) in _READY:
            with suppress(ApiError):
                merge_pull(instance, name, pull, MergeOptions(automerge.METHOD), by=by)


def _check(instance: Instance, name: str, pull: Json, options: MergeOptions) -> None:
    if pull["state"] != "open":
        raise ApiError(405, _NOT_MERGEABLE)
    if pull["draft"]:
        raise ApiError(405, "Pull Request is still a draft")
    if options.sha and options.sha != pull["head_sha"]:
        raise ApiError(409, _MOVED)
    if pull["mergeable"] is False:
        raise ApiError(409, "Merge conflict")
    reason = protection.merge_refusal(instance, name, pull)
    if reason is not None:
        raise ApiError(405, reason)


def _make(
    instance: Instance, name: str, pull: Json, options: MergeOptions, *, base: str, by: Actor
) -> str | None:
    git, head, person = instance.git(name), pull["head_sha"], shapes.person_of(by.login)
    if options.method == "rebase":
        return merge_commits.rebase(git, base=base, head=head, by=person)
    message = _message(pull, options)
    make = merge_commits.squash if options.method == "squash" else merge_commits.merge_commit
    return make(git, base=base, head=head, message=message, by=person)


def _message(pull: Json, options: MergeOptions) -> str:
    owner = pull["head_repository"].split("/")[0]
    if options.method == "squash":
        title, body = f"{pull['title']} (#{pull['number']})", pull["body"] or ""
    else:
        origin = f"{owner}/{pull['head_ref']}"
        title, body = f"Merge pull request #{pull['number']} from {origin}", pull["title"]
    title, body = options.title or title, options.message or body
    return f"{title}\n\n{body}".rstrip() + "\n"
