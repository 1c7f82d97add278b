"""The address of MLflow or of the store, and the set-up commands, from the default branch.

Inside GitHub Actions the policy wins over the environment and the options, because a file of a
change may have set them. By hand the user's own value wins.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import click

from interlock import errors
from interlock.cli import terminal
from interlock.domain.model import policy
from interlock.domain.model.policy import Policy
from interlock.ports.git import Repository
from interlock.services import default_branch_policy
from interlock.services.default_branch_policy import BranchPolicy
from interlock.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyValues:
    """The user's settings, and the last fetched policy of the default branch, None without it."""

    own: Settings
    branch: str
    rules: BranchPolicy | None

    def settings(self) -> Settings:
        """Return the settings with the tracking URI or the store that counts.

        Inside Actions: raises CannotResolve without the branch, CannotReadManifest for a policy
        with an error.
        """
        own, rule = self.own, self.policy()
        is_by_hand = not own.in_actions and own.mlflow_tracking_uri and not own.store
        stored = (
            rule.store
            if own.in_actions
            else self._choose(rule.store, own.store, of="store", over="INTERLOCK_STORE")
        )
        if stored and not is_by_hand:
            return dataclasses.replace(own, mlflow_tracking_uri="", store=stored)
        chosen = self._choose(
            rule.mlflow, own.mlflow_tracking_uri, of="mlflow", over="MLFLOW_TRACKING_URI"
        )
        return dataclasses.replace(own, mlflow_tracking_uri=chosen, store="")

    def prepare(self, typed: str) -> str:
        """Return the set-up commands that count; `typed` are those of the option."""
        rule = self.rules.policy.prepare if self.rules else ""
        return self._choose(rule, typed, of="prepare", over="--prepare")

    def policy(self) -> Policy:
        """Return the policy that counts; raises as `settings`."""
        if not self.own.in_actions and (self.rules is None or self.own.mlflow_tracking_uri):
            return self.rules.policy if self.rules else Policy()
        if self.rules is None:
            raise errors.CannotResolve(
                f"this clone has no branch {self.branch}, which has the policy",
                hint="fetch the default branch, and name it with --branch",
            )
        return self.rules.require()

    def _choose(self, rule: str, own: str, *, of: str, over: str) -> str:
        chosen = policy.choose(rule, own, in_actions=self.own.in_actions)
        if rule and own and rule != own:
            winner = f"`{of}` of the policy" if chosen == rule else over
            text = f"warning: {over} and `{of}` of the policy differ; {winner} counts"
            click.echo(terminal.plain(text), err=True)
        return chosen


def read(own: Settings, repository: Repository, *, branch: str) -> PolicyValues:
    """Read the last fetched policy of the default branch; nothing is requested."""
    rules = default_branch_policy.read_fetched(repository, branch=branch)
    return PolicyValues(own=own, branch=branch, rules=rules)
