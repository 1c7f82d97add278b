"""What is asked of a page that shows drift to people; nothing is decided by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from interlock.domain.drift.profile import ColumnKind


class DriftPages(Protocol):
    def draw(
        self,
        reference: Sequence[str],
        live: Sequence[str],
        *,
        columns: Mapping[str, ColumnKind],
        to: Path,
    ) -> None:
        """Write one HTML file on the given numbers and categories, of a sample of both sides.

        Raises CannotDraw where there is nothing to draw, or it cannot be drawn.
        """
        ...
