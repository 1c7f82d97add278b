"""The topic provenance: the policy, the five workflow files, the ledger and its rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from interlock import calling_files, errors
from interlock.commands.doctor.context import DoctorContext, DoctorOptions
from interlock.domain.doctor import provenance_lines
from interlock.domain.doctor.line import SettingCheck
from interlock.domain.promotion import ledger_paths
from interlock.ports.git import Repository, Tree
from interlock.ports.github import GitHub
from interlock.services import default_branch_policy, ledger_rules

_Answer = TypeVar("_Answer")
_NOT_SET = "GITHUB_REPOSITORY or GITHUB_TOKEN is not set"


def check(context: DoctorContext, options: DoctorOptions) -> Iterator[SettingCheck]:
    """Yield the checks for a branch as it is at origin, each when it is known. Without `branch` it
    is the default branch of origin.

    What cannot be reached is an unknown check. Raises CannotResolve for an unknown branch, and
    CannotReadManifest for a policy with an error.
    """
    branch = options.branch or context.repository.fetch_default_branch()
    tip, reason = _tip(context.repository, branch)
    if tip is None:
        hint = "push a first commit to it, or name the default branch with --branch"
        raise errors.CannotResolve(f"there is no branch {branch} with a commit", hint=hint)
    if reason:
        yield provenance_lines.not_fetched(branch, reason)
    policy = default_branch_policy.read_at(context.repository, tip, branch=branch)
    rules, expected = policy.require().provenance, calling_files.texts()
    actual = _read(context.repository.tree(tip), expected)
    yield provenance_lines.provenance(
        is_required=rules.is_required(in_actions=True),
        is_everywhere=rules.is_required(in_actions=False),
    )
    yield from provenance_lines.calling_files(
        actual, expected, branch=branch, repository=rules.repository, refs=rules.refs
    )
    yield _records(context)
    yield from _of_github(context)


def _tip(repository: Repository, branch: str) -> tuple[str | None, str]:
    """Return the commit of a branch at origin, or the last fetched one with the reason."""
    try:
        return default_branch_policy.find_tip(repository, branch=branch), ""
    except errors.CannotReachGit as error:
        return default_branch_policy.find_fetched_tip(repository, branch=branch), error.message


def _read(tree: Tree, names: Iterable[str]) -> dict[str, str | None]:
    """Return the text of each workflow file, None without one."""
    data = {name: tree.read(f"{provenance_lines.FOLDER}/{name}") for name in names}
    return {name: None if d is None else d.decode("utf-8", "replace") for name, d in data.items()}


def _records(context: DoctorContext) -> SettingCheck:
    """Check if jobs on GitHub read the records of the ledger."""
    branch = context.ledger.branch
    try:
        context.ledger.refresh()
        head = context.ledger.head
        state = None if head is None else context.assume(head)
    except errors.InterlockError as error:
        return provenance_lines.records(branch, total=None, uncounted=0, reason=error.message)
    if head is None:
        return provenance_lines.records(branch, total=0, uncounted=0)
    paths = context.repository.tree(head).named((".json",))
    total = sum(map(ledger_paths.is_record, paths))
    exceptions = {} if state is None else state.exceptions
    uncounted = sum(exceptions.get(p, "") is None for p in paths if ledger_paths.is_record(p))
    return provenance_lines.records(branch, total=total, uncounted=uncounted)


def _of_github(context: DoctorContext) -> Iterator[SettingCheck]:
    github, branch = context.github, context.ledger.branch
    rules, reason = _ask(github, lambda hub: hub.branch_rules(branch))
    yield provenance_lines.branch_rules(branch, rules, ledger_rules.RULES, reason=reason)
    # One refusal is enough: a second request would only wait again.
    actors, reason = (None, reason) if reason else _ask(github, lambda h: h.bypass_actors(branch))
    yield provenance_lines.bypasses(branch, actors, reason=reason)


def _ask(github: GitHub | None, request: Callable[[GitHub], _Answer]) -> tuple[_Answer | None, str]:
    """Return the answer of GitHub, or the reason why there is none."""
    if github is None:
        return None, _NOT_SET
    try:
        return request(github), ""
    except (errors.CannotReachGitHub, errors.MissingSetting) as error:
        return None, error.message
