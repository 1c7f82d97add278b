"""Required checks of a branch, and reasons against a merge."""

from __future__ import annotations

from github_sandbox.instance import Instance
from github_sandbox.state import Json

# GitHub counts a required check that is skipped as passed.
_GREEN = ("success", "neutral", "skipped")


def contexts(instance: Instance, name: str, sha: str) -> dict[str, str]:
    """Return success, failure or pending for each check and status of a commit, by name.

    The latest result counts; if a check and a status have the same name, the worse one.
    """
    states = {run["name"]: _state(run) for run in latest_checks(instance, name, sha)}
    for status in latest_statuses(instance, name, sha):
        state = "failure" if status["state"] == "error" else status["state"]
        states[status["context"]] = _worse(states.get(status["context"], "success"), state)
    return states


def latest_checks(instance: Instance, name: str, sha: str) -> list[Json]:
    """Return the newest check run of each name and app on a commit, oldest first."""
    runs = instance.store.list("check_run", repository=name, parent=sha)
    newest = {(run["name"], run["creator"]): run for run in runs}
    return sorted(newest.values(), key=lambda run: int(run["id"]))


def latest_statuses(instance: Instance, name: str, sha: str) -> list[Json]:
    statuses = instance.store.list("status", repository=name, parent=sha)
    return list({status["context"]: status for status in statuses}.values())


def rollup(states: dict[str, str]) -> str:
    """Return the worst of all states, "" without states."""
    state = "success" if states else ""
    for other in states.values():
        state = _worse(state, other)
    return state


def merge_refusal(instance: Instance, name: str, pull: Json) -> str | None:
    """Return GitHub's reason against the merge, or None."""
    rule = _rule(instance, name, pull)
    states = contexts(instance, name, pull["head_sha"])
    for context in rule.get("contexts", []):
        state = states.get(context, "expected")
        if state != "success":
            word = {"failure": "failing", "pending": "in progress"}.get(state, state)
            return f'Required status check "{context}" is {word}.'
    return (
        "The head branch is not up to date with the base branch."
        if is_behind(instance, name, pull) and rule.get("strict")
        else None
    )


def is_behind(instance: Instance, name: str, pull: Json) -> bool:
    git = instance.git(name)
    tip = git.branch(pull["base_ref"])
    return tip is not None and not git.is_ancestor(tip, pull["head_sha"])


def mergeable_state(instance: Instance, name: str, pull: Json) -> str:
    if pull["state"] != "open":
        return "unknown"
    if pull["draft"]:
        return "draft"
    if not pull["mergeable"]:
        return "dirty"
    reason = merge_refusal(instance, name, pull)
    if reason is not None:
        return "blocked" if reason.startswith("Required") else "behind"
    states = contexts(instance, name, pull["head_sha"])
    return "clean" if rollup(states) in ("", "success") else "unstable"


def _rule(instance: Instance, name: str, pull: Json) -> Json:
    repository = instance.repository(name) or {"protection": {}}
    rule: Json = repository["protection"].get(pull["base_ref"], {})
    return rule


def _state(run: Json) -> str:
    if run["status"] != "completed":
        return "pending"
    return "success" if run["conclusion"] in _GREEN else "failure"


def _worse(one: str, other: str) -> str:
    order = ("", "success", "pending", "failure")
    return max(one, other, key=order.index)
