"""What is asked of labels: live predictions and the truth that came later, joined by id."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol


class Labelling(Protocol):
    def join(self, live: Sequence[str], labels: Sequence[str], *, to: Path) -> int:
        """Write a predictions file (Parquet: id, target, prediction, score_<class>) of the live
        rows that have a label, in order of id; returns how many. Without any nothing is written.

        `live` has id, prediction and scores, `labels` id and target. A label that is there twice,
        the same, counts once. Raises CannotProfile for a file that cannot be read or lacks one of
        these columns, by name.
        """
        ...
