"""What the windows so far amount to: verdicts, each with one sentence; no number is made here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from interlock.domain.drift.measures import ColumnMeasure
from interlock.domain.drift.status import DriftStatus


class Effect(StrEnum):
    """How big a change is to be found; see `judging.BARS`."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class Persistence:
    """`needed` of the last `among` windows."""

    needed: int = 2
    among: int = 3

    def __str__(self) -> str:
        return f"{self.needed} of {self.among}"


def persistence(text: str) -> Persistence | None:
    """Return what "2 of 3" says; None for what says nothing of the kind."""
    found = re.fullmatch(r"\s*([0-9]{1,2})\s+of\s+([0-9]{1,2})\s*", text)
    if found is None:
        return None
    needed, among = int(found[1]), int(found[2])
    return Persistence(needed, among) if 1 <= needed <= among else None


@dataclass(frozen=True, slots=True)
class DriftRules:
    """`level` is the share of false findings that a window may have, over all of its columns."""

    effect: Effect = Effect.MEDIUM
    persist: Persistence = Persistence()
    missing_max_increase: float = 0.05
    level: float = 0.01
    min_rows: int = 100


@dataclass(frozen=True, slots=True)
class ColumnFinding:
    """One column over the windows, with the measure of the last one that says anything.

    `strength` is the effect in multiples of its bar, for ranking; 0 where nothing was measured.
    `exceeded` says of each of the last windows, oldest first, whether the column differed there.
    """

    name: str
    verdict: DriftStatus
    sentence: str
    measure: ColumnMeasure
    adjusted_p: float | None = None
    strength: float = 0.0
    exceeded: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class DriftResult:
    """`windows` are verdicts as they stood after each window, oldest first; `columns` are ranked,
    worst first. `compared` is how many of them had their values compared in the window that the
    verdict is of."""

    verdict: DriftStatus
    sentence: str
    windows: tuple[DriftStatus, ...]
    columns: tuple[ColumnFinding, ...]
    compared: int

    @property
    def is_blind(self) -> bool:
        """Whether nothing is said since nothing was compared, and not since rows are too few."""
        return self.verdict is DriftStatus.INSUFFICIENT and bool(self.columns) and not self.compared
