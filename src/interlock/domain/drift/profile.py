"""Profiles of data: counts, bins and moments per column, without rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ColumnKind(StrEnum):
    """How a column is compared; decided by the reference data. Durations and times of day are
    numbers, in seconds."""

    NUMBER = "number"
    CATEGORY = "category"
    TEXT = "text"
    """Too many different values to count them: only the missing share is compared."""
    TIME = "time"
    """Dates and timestamps always change: only the missing share is compared."""
    OTHER = "other"
    """Lists, structs, bytes, or no values: only the missing share is compared."""


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column. `missing` counts nulls and NaN, `infinite` both infinities.

    A number has `edges`, the same for reference and live data: `counts[0]` rows are below edges[0],
    counts[i] in [edges[i-1], edges[i]), the last at or above the last edge. Infinities count in
    the outer bins. `sums` adds the finite values of each bin. Low, high and mean are of all finite
    values, std and quartiles of a sample; None if there are none.

    A category has `values` and as many `counts`. `other` counts the rows with any other value;
    `other_values` are examples of them. `other_spellings` counts, for each of `values`, the rows
    that differ from it only in letter case, blanks or Unicode form; it is empty if no row does.

    `unreadable` counts the missing values that have a text which the type of the column does not
    allow; then `other_values` has one example.
    """

    name: str
    kind: ColumnKind
    type: str
    rows: int
    missing: int
    infinite: int = 0
    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    sums: tuple[float, ...] = ()
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    std: float | None = None
    quartiles: tuple[float, float, float] | None = None
    values: tuple[str, ...] = ()
    other: int = 0
    other_values: tuple[str, ...] = ()
    other_spellings: tuple[int, ...] = ()
    unreadable: int = 0

    @property
    def is_comparable(self) -> bool:
        """True if the column has values to compare with."""
        return bool(self.edges or self.values)

    @property
    def present(self) -> int:
        return self.rows - self.missing


@dataclass(frozen=True, slots=True)
class Profile:
    """All columns of the reference data or of a window, in the order of the data."""

    rows: int
    columns: tuple[ColumnProfile, ...]

    def named(self) -> dict[str, ColumnProfile]:
        return {column.name: column for column in self.columns}


@dataclass(frozen=True, slots=True)
class WindowProfile:
    """The profile of a window's readable files. `unread` has the reason for each other file:
    `cannot be read: …`. `lacking` names, for each file, the columns that only other files have."""

    profile: Profile
    unread: Mapping[str, str] = field(default_factory=dict)
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
