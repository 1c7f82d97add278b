"""The rules and results of drift detection."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from interlock.domain.drift.measures import ColumnMeasure
from interlock.domain.drift.status import DriftStatus


class Effect(StrEnum):
    """The size of a change that must be detected; see `detection.THRESHOLDS`."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class Persistence:
    """A column must differ in `needed` of the last `among` windows."""

    needed: int = 2
    among: int = 3

    def __str__(self) -> str:
        return f"{self.needed} of {self.among}"


def persistence(text: str) -> Persistence | None:
    """Parse a text such as "2 of 3"; None if it is not valid."""
    match = re.fullmatch(r"\s*([0-9]{1,2})\s+of\s+([0-9]{1,2})\s*", text)
    if match is None:
        return None
    needed, among = int(match[1]), int(match[2])
    return Persistence(needed, among) if 1 <= needed <= among else None


@dataclass(frozen=True, slots=True)
class DriftRules:
    """`level` is the share of false findings in a window, over all of its columns."""

    effect: Effect = Effect.MEDIUM
    persist: Persistence = Persistence()
    missing_max_increase: float = 0.05
    level: float = 0.01
    min_rows: int = 100


@dataclass(frozen=True, slots=True)
class ColumnFinding:
    """One column over the windows, with the measure of the last conclusive one.

    `strength` is the effect divided by its threshold, for ranking; 0 if there is no measure.
    `exceeded` shows, for each of the last windows, oldest first, if the column differed.
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
    """`windows` has the verdict after each window, oldest first; `columns` are ranked, worst first.
    `compared` is the number of columns with compared values in the decisive window."""

    verdict: DriftStatus
    sentence: str
    windows: tuple[DriftStatus, ...]
    columns: tuple[ColumnFinding, ...]
    compared: int

    @property
    def has_no_comparison(self) -> bool:
        """True if the verdict is insufficient because no column was compared, despite enough
        rows."""
        return self.verdict is DriftStatus.INSUFFICIENT and bool(self.columns) and not self.compared
