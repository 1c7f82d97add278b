"""Decides how each column is compared: by a sample of the reference, or for live data by the
reference profile."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from interlock.adapters.profiling import types
from interlock.adapters.profiling.binning import MANY, snap
from interlock.adapters.profiling.plans import ColumnPlan, Floats, as_category, label, present
from interlock.adapters.profiling.sampling import Sample
from interlock.adapters.profiling.sources import Sources
from interlock.adapters.profiling.types import Family
from interlock.domain.drift.profile import ColumnKind, ColumnProfile

BINS = 40
"""Bins of about equal mass. With 40 bins, the Kolmogorov–Smirnov distance of a shift by half a
standard deviation is 0.002 smaller than the exact 0.197."""
_FARTHEST = float(np.finfo(np.float64).max)
MOST_VALUES = 100
"""The most frequent categories are counted one by one, the others together."""
MOST_CODES = 20
"""A column of integers with at most so many different values has codes of classes."""
ROWS, CELLS = 50_000, 4_000_000
"""Rows of the sample, fewer with many columns. Edges need not be exact quantiles, because all rows
are counted with the same edges."""


def plans(files: Sources, names: Sequence[str]) -> list[ColumnPlan]:
    """Plan the columns of the reference from a sample of its rows."""
    families = {name: types.family(files.schema[name]) for name in names}
    sample = Sample(max(1_000, min(ROWS, CELLS // max(1, len(names)))))
    for batch in files.batches([_read(name, families[name]) for name in names]):
        sample.add(batch)
    rows = sample.rows()
    return [
        plan(
            name,
            dtype=files.schema[name],
            values=pl.Series(name, []) if rows is None else rows[name],
        )
        for name in names
    ]


def like(reference: ColumnProfile, dtype: pl.DataType) -> ColumnPlan:
    """Plan a live column: like the reference, if the type is compatible."""
    before, family = types.of_name(reference.type), types.family(dtype)
    is_same = before is family or Family.NULL in {before, family}
    return ColumnPlan(
        reference.name,
        reference.kind if is_same else _other_than(reference.kind),
        str(dtype),
        family,
        edges=reference.edges if is_same else (),
        values=reference.values if is_same else (),
    )


def _other_than(kind: ColumnKind) -> ColumnKind:
    """A kind for a column of another type, of which only missing values are counted."""
    return ColumnKind.TIME if kind is ColumnKind.OTHER else ColumnKind.OTHER


def _read(name: str, family: Family) -> pl.Expr:
    if family in types.NUMBERS:
        return pl.col(name).cast(pl.Float64)
    if family in {Family.TEXT, Family.BOOLEAN}:
        return as_category(name, family=family)
    return pl.col(name).is_null()


def plan(name: str, *, dtype: pl.DataType, values: pl.Series) -> ColumnPlan:
    """Plan one column from a sample of its values."""
    family, name_of_type = types.family(dtype), str(dtype)
    if family is Family.TIME:
        return ColumnPlan(name, ColumnKind.TIME, name_of_type, family)
    if family in {Family.OTHER, Family.NULL}:
        return ColumnPlan(name, ColumnKind.OTHER, name_of_type, family)
    values = present(values)
    if family in types.NUMBERS and not _are_codes(values, dtype):
        return ColumnPlan(
            name, ColumnKind.NUMBER, name_of_type, family, edges=edges(_finite(values))
        )
    common = _common(values, family)
    if common is None:
        return ColumnPlan(name, ColumnKind.TEXT, name_of_type, family)
    return ColumnPlan(name, ColumnKind.CATEGORY, name_of_type, family, values=common)


def _are_codes(values: pl.Series, dtype: pl.DataType) -> bool:
    return dtype.is_integer() and 5 * values.n_unique() <= min(5 * MOST_CODES, len(values))


def _common(values: pl.Series, family: Family) -> tuple[str, ...] | None:
    """The most frequent values; None if most rows have a unique or rare value."""
    if family is Family.NUMBER:
        values = values.cast(pl.Float64)
    counted = values.value_counts(name="rows").sort("rows", values.name, descending=[True, False])
    most = counted.head(MOST_VALUES)
    is_category = 2 * len(counted) <= len(values) or family is not Family.TEXT
    if not is_category or 2 * int(most["rows"].sum()) < len(values):
        return None
    return tuple(label(value) for value in most[values.name].to_list())


def _finite(values: pl.Series) -> Floats:
    numbers: Floats = values.cast(pl.Float64).to_numpy()
    return numbers[np.isfinite(numbers)]


def edges(values: Floats) -> tuple[float, ...]:
    """Return the inner quantiles of the values and two outer edges, each one range further out.

    A value that is at several quantiles gets its own bin, [value, next double). So for a constant,
    or a column with mostly zeros, all other values are in other bins.
    """
    if not len(values):
        return ()
    inner = np.linspace(0, 1, BINS + 1)[1:-1]
    quantiles, times = np.unique(
        np.quantile(values, inner, method="inverted_cdf"), return_counts=True
    )
    with np.errstate(over="ignore"):
        width = quantiles[-1] - quantiles[0]
        ends = np.array([quantiles[0] - width, quantiles[-1] + width])
    ends = np.clip(ends, -_FARTHEST, _FARTHEST)
    closing = np.nextafter(quantiles[times > 1], np.inf)
    every = np.unique(np.concatenate([quantiles, ends, closing]))
    return tuple((snap(every) if len(values) >= MANY else every).tolist())
