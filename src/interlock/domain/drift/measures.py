"""The statistics of one window compared with the reference, as flat numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from interlock.domain.drift.profile import ColumnKind


class ColumnProblem(StrEnum):
    """A problem of a column that does not depend on the distribution of its values."""

    VANISHED = "vanished"
    TYPE = "type"
    ALL_MISSING = "all missing"
    UNIT = "unit"
    SPELLING = "spelling"
    """The same categories in another spelling."""
    NEW = "new"
    """A new column is not compared, and breaks nothing."""


@dataclass(frozen=True, slots=True)
class ColumnMeasure:
    """One column in one window. Shares and distances compare live with reference data; None means
    not measured, never zero.

    `effect` is the share of rows that moved: the Kolmogorov–Smirnov distance of numbers, the total
    variation distance of categories. `p_value` is of the same test (Kolmogorov–Smirnov,
    chi-square). `missing` and `infinite` are shares of the window's rows, `missing_rise` the
    increase of both together, `missing_p` its p-value.
    """

    name: str
    kind: ColumnKind
    problem: ColumnProblem | None = None
    detail: str = ""
    """Details of a problem, or new and vanished categories, for the sentence."""
    effect: float | None = None
    p_value: float | None = None
    psi: float | None = None
    wasserstein: float | None = None
    """In units of the reference's spread: interquartile range / 1.349, else standard deviation."""
    jensen_shannon: float | None = None
    """A distance in [0, 1], base 2."""
    chi_square: float | None = None
    unseen: float | None = None
    """Share of present rows with a value that is not in the reference."""
    vanished: float | None = None
    """Share of the reference's present rows with a value that is not in the window."""
    outside: float | None = None
    """Share of present rows in the two outer bins, minus the reference's."""
    mean_shift: float | None = None
    """Difference of means in units of the same spread."""
    missing: float | None = None
    missing_reference: float | None = None
    infinite: float | None = None
    missing_rise: float | None = None
    missing_p: float | None = None

    @property
    def is_compared(self) -> bool:
        """True if the values were compared, and not only the missing share."""
        return self.effect is not None


@dataclass(frozen=True, slots=True)
class WindowMeasure:
    """All columns of one window. `is_complete` is false if a file of it could not be read."""

    rows: int
    reference_rows: int
    columns: tuple[ColumnMeasure, ...]
    is_complete: bool = True


NUMBERS = tuple(
    field.name
    for field in fields(ColumnMeasure)
    if field.name not in {"name", "kind", "problem", "detail"}
)
"""The fields that are numbers, in their order."""


def statistics(measure: ColumnMeasure) -> dict[str, float]:
    """Return the measured numbers by field name; see `restored`."""
    return {name: value for name in NUMBERS if (value := getattr(measure, name)) is not None}


def restored(name: str, *, kind: ColumnKind, statistics: Mapping[str, float]) -> ColumnMeasure:
    """Restore a measure of an earlier window from its stored numbers; unknown names are ignored."""
    known: dict[str, Any] = {key: value for key, value in statistics.items() if key in NUMBERS}
    return ColumnMeasure(name, kind, **known)
