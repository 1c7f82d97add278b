"""What one window shows against the reference, as flat numbers; no verdict may enter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from interlock.domain.drift.profile import ColumnKind


class ColumnProblem(StrEnum):
    """What is wrong with a column whatever its values are distributed like."""

    VANISHED = "vanished"
    TYPE = "type"
    ALL_MISSING = "all missing"
    UNIT = "unit"
    SPELLING = "spelling"
    """The same categories, in other letters."""
    NEW = "new"
    """Nothing is broken by it; nobody compares it either."""


@dataclass(frozen=True, slots=True)
class ColumnMeasure:
    """One column in one window. Shares and distances are live against reference; None is what was
    not measured, never zero.

    `effect` is the share of rows that moved: the Kolmogorov–Smirnov distance of numbers, the total
    variation distance of categories. `p_value` is of the same question (Kolmogorov–Smirnov,
    chi-square). `missing` and `infinite` are shares of the window's rows, `missing_rise` the rise
    of both together over the reference's, `missing_p` that of the two shares being the same.
    """

    name: str
    kind: ColumnKind
    problem: ColumnProblem | None = None
    detail: str = ""
    """Of a problem, or the names of new and vanished categories: words for the sentence."""
    effect: float | None = None
    p_value: float | None = None
    psi: float | None = None
    wasserstein: float | None = None
    """In the reference's spread: its interquartile range / 1.349, else its standard deviation."""
    jensen_shannon: float | None = None
    """A distance in [0, 1], base 2."""
    chi_square: float | None = None
    unseen: float | None = None
    """Share of present rows with a value that the reference does not have."""
    vanished: float | None = None
    """Share of the reference's present rows whose value the window does not have."""
    outside: float | None = None
    """Share of present rows in the two outer bins, over the reference's own."""
    mean_shift: float | None = None
    """Difference of means in the same spread."""
    missing: float | None = None
    missing_reference: float | None = None
    infinite: float | None = None
    missing_rise: float | None = None
    missing_p: float | None = None

    @property
    def is_compared(self) -> bool:
        """Whether its values were, and not only what is missing of them."""
        return self.effect is not None


@dataclass(frozen=True, slots=True)
class WindowMeasure:
    """All columns of one window; `reference_rows` is what they were held against. `is_whole` is
    false where a file of the window could not be read."""

    rows: int
    reference_rows: int
    columns: tuple[ColumnMeasure, ...]
    is_whole: bool = True


NUMBERS = tuple(
    field.name
    for field in fields(ColumnMeasure)
    if field.name not in {"name", "kind", "problem", "detail"}
)
"""The fields that are numbers, in their order."""


def statistics(measure: ColumnMeasure) -> dict[str, float]:
    """Return every number that was measured, by its field's name; see `restored`."""
    return {name: value for name in NUMBERS if (value := getattr(measure, name)) is not None}


def restored(name: str, *, kind: ColumnKind, statistics: Mapping[str, float]) -> ColumnMeasure:
    """Return a measure from its stored numbers, for windows that were judged before: all that
    persistence asks of them. Names that are not known are passed over."""
    known: dict[str, Any] = {key: value for key, value in statistics.items() if key in NUMBERS}
    return ColumnMeasure(name, kind, **known)
