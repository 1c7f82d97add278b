"""The port for labels: joins live predictions with labels that arrive later, by id."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from interlock.domain.model.column_map import ColumnMap


class Labelling(Protocol):
    def join(
        self, live: Sequence[str], labels: Sequence[str], *, to: Path, names: ColumnMap
    ) -> int:
        """Write a predictions file (Parquet) with the labelled live rows, sorted by id; return
        their number. Without labelled rows nothing is written.

        All files have the column names of `names`. `live` has id, prediction and scores, `labels`
        id and target; the columns of the manifest's own metrics are in either. A row without target
        or without a score in `labels` has no label. Identical labels of a row count once. Raises
        CannotProfile for a file that cannot be read or lacks a column.
        """
        ...
