"""Port: the settings of a repository on GitHub, which are only read."""

from __future__ import annotations

from typing import Protocol

from interlock.domain.doctor.github_lines import RepositorySetup


class GitHubSetup(Protocol):
    def read(self) -> RepositorySetup:
        """Return the settings. Raises CannotReachGitHub, and MissingSetting for a wrong token."""
        ...
