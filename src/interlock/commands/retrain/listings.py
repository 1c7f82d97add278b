"""Branches, pull requests and issues, listed once in a run of `retrain` for all models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from interlock.commands.retrain.context import RetrainContext
from interlock.domain.retraining import retraining_facts
from interlock.ports.github import Issue, Pull
from interlock.services.open_pulls import OpenPulls


@dataclass(slots=True)
class Listings:
    """Each is listed when it is first needed; `pulls` are the open pull requests."""

    context: RetrainContext
    pulls: OpenPulls
    _heads: Mapping[str, str] | None = None
    _issues: tuple[Issue, ...] | None = None

    def head(self, branch: str) -> str | None:
        """Return the commit of a retraining branch at origin, or of the local branch without one
        there."""
        if self._heads is None:
            self._heads = self.context.repository.fetch_branches(retraining_facts.BRANCHES)
        return self._heads.get(branch)

    def open_pulls(self, branch: str) -> tuple[Pull, ...]:
        """Return the open pull requests from a branch of the repository."""
        own = (pull for pull in self.pulls.all() if not pull.is_fork)
        return tuple(pull for pull in own if pull.head_ref == branch)

    def find_open_issue(self, marker: str) -> Issue | None:
        """Return Interlock's open issue with a marker, or None."""
        if self._issues is None:
            self._issues = self.context.github.open_issues()
        return next((issue for issue in self._issues if marker in issue.body), None)
