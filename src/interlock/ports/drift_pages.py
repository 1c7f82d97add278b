"""The port for an HTML page about drift, which does not influence the verdict."""

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
        """Write one HTML file about numbers and categories, from a sample of both sides.

        Raises CannotDraw without such columns, or if drawing fails.
        """
        ...
