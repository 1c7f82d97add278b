"""Requires the rules of the ledger's branch on GitHub, without which its history can be changed."""

from __future__ import annotations

from interlock import errors
from interlock.ports.github import GitHub
from interlock.ports.ledger import Ledger

RULES = {
    "non_fast_forward": "Block force pushes",
    "deletion": "Restrict deletions",
    "required_linear_history": "Require linear history",
}
"""The rules by GitHub's names of them in its API and on its pages."""


def require(ledger: Ledger, github: GitHub | None) -> None:
    """Raise Refused if records need attestations, and the branch lacks a rule. One request.

    Raises MissingSetting without GitHub, and CannotReachGitHub.
    """
    if ledger.verified is None:
        return
    if github is None:
        raise errors.MissingSetting(
            f"the rules of the branch {ledger.branch} cannot be read without GitHub",
            hint="set GITHUB_REPOSITORY and GITHUB_TOKEN",
        )
    rules = github.branch_rules(ledger.branch)
    missing = [title for name, title in RULES.items() if name not in rules]
    if missing:
        raise errors.Refused(
            f"GitHub does not protect the branch {ledger.branch}: {', '.join(missing)}",
            hint="add these rules for it under Settings, Rules, Rulesets, without a bypass",
        )
