"""Rulesets of a branch: stored with the repository, and reasons against an update."""

from __future__ import annotations

from collections.abc import Sequence

from github_sandbox import errors, limits
from github_sandbox.git import ZERO
from github_sandbox.instance import Instance
from github_sandbox.ref_updates import RefUpdate
from github_sandbox.state import Json

FORCE_PUSH = "non_fast_forward"
DELETION = "deletion"
MERGE_COMMIT = "required_linear_history"
TYPES = (FORCE_PUSH, DELETION, MERGE_COMMIT)


def protect(
    instance: Instance,
    repository: Json,
    branch: str,
    *,
    rules: Sequence[str],
    bypass_actors: Sequence[Json],
) -> None:
    """Replace the rules against force pushes, deletion and merges of a branch."""
    unknown = ", ".join(sorted(set(rules) - set(TYPES)))
    if unknown:
        raise errors.InvalidCall(f"{unknown} is not a rule", hint=f"use {', '.join(TYPES)}")
    listed = [{"type": kind} for kind in rules]
    _replace(instance, repository, "protection", branch, rules=listed, bypass_actors=bypass_actors)


def require_checks(
    instance: Instance, repository: Json, branch: str, *, contexts: Sequence[str], strict: bool
) -> None:
    """Replace the rule of required checks; without checks, remove it."""
    parameters = {
        "required_status_checks": [{"context": context} for context in contexts],
        "strict_required_status_checks_policy": strict,
    }
    rule = {"type": "required_status_checks", "parameters": parameters}
    rules = [rule] if contexts else []
    _replace(instance, repository, "checks", branch, rules=rules, bypass_actors=())


def _replace(
    instance: Instance,
    repository: Json,
    name: str,
    branch: str,
    *,
    rules: Sequence[Json],
    bypass_actors: Sequence[Json],
) -> None:
    known = repository.setdefault("rulesets", {})
    before = known.pop(f"{name} {branch}", None)
    if rules:
        known[f"{name} {branch}"] = {
            "id": before["id"] if before else instance.store.next("ruleset"),
            "name": name,
            "branch": branch,
            "rules": list(rules),
            "bypass_actors": list(bypass_actors),
            "created_at": limits.now(),
        }


def of(repository: Json, branch: str | None = None) -> list[Json]:
    """Return the rulesets of a branch; without one, of all branches."""
    known = repository.get("rulesets", {}).values()
    return [each for each in known if branch in (None, each["branch"])]


def types(repository: Json, branch: str) -> set[str]:
    return {rule["type"] for each in of(repository, branch) for rule in each["rules"]}


def words(repository: Json) -> str:
    """Return type and ref of every rule, for the hook of a push."""
    return " ".join(
        f"{kind}:refs/heads/{each['branch']}"
        for each in of(repository)
        for kind in sorted(types(repository, each["branch"]))
    )


def refusal(instance: Instance, name: str, move: RefUpdate) -> str | None:
    """Return GitHub's reason against an update through the API; the hook refuses pushes."""
    active = types(instance.need_repository(name), move.branch)
    git = instance.git(name)
    if move.after == ZERO:
        reason = "Cannot delete this branch" if DELETION in active else ""
    elif FORCE_PUSH in active and not git.is_ancestor(move.before, move.after):
        reason = "Cannot force-push to this branch"
    elif MERGE_COMMIT in active and git.has_merge(move.after, exclude=move.before):
        reason = "This branch must not contain merge commits"
    else:
        reason = ""
    return f"Repository rule violations found\n\n{reason}\n\n" if reason else None
