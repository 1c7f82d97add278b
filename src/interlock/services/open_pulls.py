"""The open pull requests of the repository, listed once in a run for all models."""

from __future__ import annotations

from dataclasses import dataclass

from interlock.ports.github import GitHub, Pull


@dataclass(slots=True)
class OpenPulls:
    """The listing is from the first use; a pull request that is opened later is not in it."""

    github: GitHub
    _pulls: tuple[Pull, ...] | None = None

    def all(self) -> tuple[Pull, ...]:
        if self._pulls is None:
            self._pulls = self.github.open_pulls()
        return self._pulls

    def has(self, number: int) -> bool:
        """True if this pull request is open."""
        return any(pull.number == number for pull in self.all())
