"""`doctor`: checks the settings of a repository that provenance needs; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from interlock import calling_files
from interlock.domain.access import checkup
from interlock.domain.access.checkup import SettingCheck
from interlock.ports.git import Repository, Tree
from interlock.ports.github import GitHub
from interlock.services import default_branch_policy, ledger_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorContext:
    """Without `github` its settings are unknown. `ledger_branch` has the records."""

    repository: Repository
    github: GitHub | None
    ledger_branch: str


def run(context: DoctorContext, *, branch: str) -> tuple[SettingCheck, ...]:
    """Return the checks for the default branch as it is at origin.

    Raises CannotResolve for an unknown branch, CannotReadManifest for a policy with an error, and
    CannotReachGitHub.
    """
    tip = default_branch_policy.find_tip(context.repository, branch=branch)
    policy = default_branch_policy.read_at(context.repository, tip, branch=branch)
    rules, expected = policy.require().provenance, calling_files.texts()
    actual = _read(context.repository.tree(str(tip)), expected)
    return (
        checkup.provenance(is_required=rules.is_required(in_actions=True)),
        *checkup.calling_files(
            actual, expected, branch=branch, repository=rules.repository, refs=rules.refs
        ),
        *_of_github(context),
    )


def _read(tree: Tree, names: Iterable[str]) -> dict[str, str | None]:
    """Return the text of each workflow file, None without one."""
    data = {name: tree.read(f"{checkup.FOLDER}/{name}") for name in names}
    return {name: None if d is None else d.decode("utf-8", "replace") for name, d in data.items()}


def _of_github(context: DoctorContext) -> Iterator[SettingCheck]:
    github, branch = context.github, context.ledger_branch
    rules = None if github is None else github.branch_rules(branch)
    yield checkup.branch_rules(branch, rules, ledger_rules.RULES)
    yield checkup.bypasses(branch, None if github is None else github.bypass_actors(branch))
