"""The plan for reading and counting one column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from interlock.adapters.profiling.types import Family
from interlock.domain.drift.profile import ColumnKind

Floats = npt.NDArray[np.float64]
LONGEST = 64
"""Characters of a category that are read, with the length of the text."""


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """`edges` for a number, `values` for a category; live data has those of the reference."""

    name: str
    kind: ColumnKind
    type: str
    family: Family
    edges: tuple[float, ...] = ()
    values: tuple[str, ...] = ()

    def expression(self) -> pl.Expr:
        """The part of the column to read: only the part that is counted."""
        column = pl.col(self.name)
        if self.kind is ColumnKind.NUMBER:
            return column.cast(pl.Float64)
        if self.kind is ColumnKind.CATEGORY:
            return as_category(self.name, family=self.family)
        return column.is_null()


def as_category(name: str, *, family: Family) -> pl.Expr:
    """A column as text, or as numbers if it has numbers: 1 and 1.0 are the same class."""
    column = pl.col(name)
    if family is Family.NUMBER:
        return column.cast(pl.Float64).fill_nan(None)
    text = column.cast(pl.String)
    if family is not Family.TEXT:
        return text
    length = text.str.len_bytes()
    cut = pl.format("{}… ({} bytes)", text.str.head(LONGEST), length)
    return pl.when(length > LONGEST * 4).then(cut).otherwise(text).alias(name)


def present(values: pl.Series) -> pl.Series:
    """Return the values that are not null; counting nulls first is faster."""
    return values.drop_nulls() if values.null_count() else values


def label(value: object) -> str:
    """A category's name: whole numbers without a point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
