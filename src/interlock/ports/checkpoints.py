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
    """The folder of one training.

    `step` is the step of the newest complete checkpoint in it, None without one; `attempts` counts
    its starts, including this one; `passed_over` has, for each newer checkpoint, the reason why it
    is not used.
    """

    folder: Path
    attempts: int = 1
    step: int | None = None
    passed_over: tuple[str, ...] = ()


class Checkpoints(Protocol):
    def open(
        self, *, model: str, fingerprint: str, accepted: Collection[str] | None = None
    ) -> AbstractContextManager[CheckpointFolder | None]:
        """Give the folder of a training to one process while the block runs; None to another
        process.

        `accepted` are SHA-256 of marks. Before the program starts, everything except these marks
        and the files that they name is removed from the folder, so that it finds no files of
        others.
        """
        ...

    def saved(self, kept: CheckpointFolder, *, fingerprint: str) -> tuple[Saved, ...]:
        """Return the checkpoints of this training, the newest first; the files are not read
        again."""
        ...

    def discard(self, kept: CheckpointFolder) -> None:
        """Remove the folder of a finished training; only while it is open."""
        ...
