"""The port of pictures in comments: PNG files by path, which are removed after some months."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Pictures(Protocol):
    def place(self, model: str, fingerprint: str, name: str) -> str:
        """Return the path of a picture that is stored now."""
        ...

    def has(self, path: str) -> bool:
        """Raises CannotReachGit."""
        ...

    def store(self, files: Mapping[str, bytes], *, message: str) -> None:
        """Add pictures by path, in one commit, and remove expired months; a stored picture stays.

        Raises CannotResolve for an invalid path, CannotReachGit.
        """
        ...
