"""The writer of the report's comment: GitHub's API, or CML."""

from __future__ import annotations

from typing import Protocol


class Comments(Protocol):
    def upsert_comment(
        self, pull: int, *, marker: str, body: str, adopted: tuple[str, ...] = ()
    ) -> str:
        """Create or update the one comment, and return its URL, like ports.github."""
        ...
