"""Open, update, close and merge pull requests in the state."""

from __future__ import annotations

from github_sandbox import limits, merge_commits
from github_sandbox.access import Actor
from github_sandbox.git import Person
from github_sandbox.instance import Instance
from github_sandbox.shapes import actors
from github_sandbox.shapes import commits as commit_shapes
from github_sandbox.shapes import pulls as shapes
from github_sandbox.state import Json

_GITHUB = Person("GitHub", "noreply@github.com")


def find(instance: Instance, name: str, number: int) -> Json | None:
    return instance.store.get("pull", repository=name, key=number)


def save(instance: Instance, name: str, pull: Json) -> None:
    pull["updated_at"] = limits.now()
    instance.store.put("pull", pull, repository=name, key=pull["number"], parent=pull["state"])


def open_pulls(instance: Instance, name: str) -> list[Json]:
    return instance.store.list("pull", repository=name, parent="open")


def announce(
    instance: Instance, name: str, pull: Json, action: str, *, by: Actor, **more: object
) -> None:
    """Emit a pull_request event; `more` are further fields of its payload."""
    repository = instance.need_repository(name)
    payload = {
        "number": pull["number"],
        "pull_request": shapes.full(instance, instance.base_url, name, pull),
        "repository": actors.repository(instance, instance.base_url, repository),
        "sender": actors.user(instance, instance.base_url, by.login),
        **more,
    }
    instance.emit("pull_request", action, payload, repository=name, by=by)


def note(
    instance: Instance, name: str, number: int, event: str, *, by: Actor, **more: object
) -> None:
    """Add an event to the timeline of the pull request."""
    key = instance.store.next("timeline")
    entry = {"event": event, "actor": by.login, "created_at": limits.now(), **more}
    instance.store.put("timeline", entry, repository=name, key=key, parent=number)


def open_pull(instance: Instance, name: str, draft: Json, *, by: Actor) -> Json:
    """Create a pull request from title, body and branches, which the caller has checked."""
    now = limits.now()
    pull: Json = {
        "id": instance.store.next("id"),
        "number": instance.store.next(f"number/{name}"),
        "author": by.login,
        "state": "open",
        "created_at": now,
        "closed_at": None,
        "merged_at": None,
        "merged_by": None,
        "merge_commit_sha": None,
        "mergeable": None,
        "labels": [],
        **draft,
    }
    follow_head(instance, name, pull)
    refresh(instance, name, pull)
    save(instance, name, pull)
    announce(instance, name, pull, "opened", by=by)
    return pull


def follow_head(instance: Instance, name: str, pull: Json) -> None:
    """Update refs/pull/N/head; fetch the commits from a fork if necessary."""
    git = instance.git(name)
    if pull["head_repository"] != name:
        git.fetch(instance.git(pull["head_repository"]).path, sha=pull["head_sha"])
    git.update_ref(f"refs/pull/{pull['number']}/head", pull["head_sha"])


def refresh(instance: Instance, name: str, pull: Json) -> None:
    """Try the merge again; refs/pull/N/merge exists only without conflicts."""
    git = instance.git(name)
    ref = f"refs/pull/{pull['number']}/merge"
    base = git.branch(pull["base_ref"])
    tree = base and merge_commits.merge_tree(git, base, pull["head_sha"])
    pull["mergeable"] = tree is not None
    pull["merge_commit_sha"] = None
    if not base or not tree:
        git.delete_ref(ref)
        return
    message = f"Merge {pull['head_sha']} into {base}"
    author = merge_commits.Signature(commit_shapes.person_of(pull["author"]))
    pull["merge_commit_sha"] = merge_commits.commit_tree(
        git,
        tree,
        parents=(base, pull["head_sha"]),
        message=message,
        author=author,
        committer=merge_commits.Signature(_GITHUB),
    )
    git.update_ref(ref, pull["merge_commit_sha"])


def close(instance: Instance, name: str, pull: Json, *, by: Actor) -> None:
    pull["state"], pull["closed_at"], pull["auto_merge"] = "closed", limits.now(), None
    save(instance, name, pull)
    note(instance, name, pull["number"], "closed", by=by)
    announce(instance, name, pull, "closed", by=by)


def reopen(instance: Instance, name: str, pull: Json, *, by: Actor) -> None:
    pull["state"], pull["closed_at"] = "open", None
    follow_head(instance, name, pull)
    refresh(instance, name, pull)
    save(instance, name, pull)
    note(instance, name, pull["number"], "reopened", by=by)
    announce(instance, name, pull, "reopened", by=by)


def mark_merged(instance: Instance, name: str, pull: Json, *, sha: str, by: Actor) -> None:
    now = limits.now()
    pull.update(state="closed", closed_at=now, merged_at=now, merged_by=by.login)
    pull["merge_commit_sha"] = sha
    # GitHub keeps refs/pull/N/head and deletes the test merge.
    instance.git(name).delete_ref(f"refs/pull/{pull['number']}/merge")
    save(instance, name, pull)
    note(instance, name, pull["number"], "merged", by=by, sha=sha, base=pull["base_ref"])
    announce(instance, name, pull, "closed", by=by)
