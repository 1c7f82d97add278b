"""The results of drift detection."""

from __future__ import annotations

from dataclasses import dataclass

from interlock.domain.drift.measures import ColumnMeasure
from interlock.domain.drift.status import DriftStatus


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
