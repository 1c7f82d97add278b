"""Port: the folder for checkpoints of killed trainings."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from interlock.domain.model.checkpoint import Saved


@dataclass(frozen=True, slots=True)
class CheckpointFolder:
    """One training's folder. `step` is that of the newest whole checkpoint in it, None without
    one; `attempts` counts how often it was begun, this time too; `passed_over` says of each newer
    checkpoint why it is not taken."""

    folder: Path
    attempts: int = 1
    step: int | None = None
    passed_over: tuple[str, ...] = ()


class Checkpoints(Protocol):
    def open(
        self, *, model: str, fingerprint: str, accepted: Collection[str] | None = None
    ) -> AbstractContextManager[CheckpointFolder | None]:
        """Give the folder of a training while the block runs, to one process at a time; None to
        another that wants it meanwhile.

        With `accepted`, SHA-256 of marks, everything else is removed from the folder first but
        these marks and the files that they name: its program finds nothing of another's.
        """
        ...

    def saved(self, kept: CheckpointFolder, *, fingerprint: str) -> tuple[Saved, ...]:
        """Return what this training has marked, the newest first; the files are not read again."""
        ...

    def discard(self, kept: CheckpointFolder) -> None:
        """Remove the folder of a training that is done; only while it is open."""
        ...
