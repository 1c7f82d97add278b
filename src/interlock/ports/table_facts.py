"""The port that describes the columns of a data file."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from interlock.domain.adoption.column_choice import TableFacts


class TableDescriptions(Protocol):
    def describe(self, path: Path, *, name: str) -> TableFacts | None:
        """Describe a CSV or Parquet file, None for a file that is neither or cannot be read."""
        ...
