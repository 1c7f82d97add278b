"""The port for labels: joins live predictions with labels that arrive later, by id."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol


class Labelling(Protocol):
    def join(self, live: Sequence[str], labels: Sequence[str], *, to: Path) -> int:
        """Write a predictions file (Parquet: id, target, prediction, score_<class>) with the
        labelled live rows, sorted by id; return their number. Without labelled rows nothing is
        written.

        `live` has id, prediction and scores, `labels` id and target. Identical labels of a row
        count once. Raises CannotProfile for a file that cannot be read or lacks a column.
        """
        ...
