"""How each column is to be compared: learnt from a sample of the reference, or taken from its
profile for live data; nothing is counted here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from interlock.adapters.profiling import types
from interlock.adapters.profiling.binning import MANY, snapped
from interlock.adapters.profiling.plans import ColumnPlan, Floats, as_category, label, present
from interlock.adapters.profiling.sampling import Sample
from interlock.adapters.profiling.sources import Sources
from interlock.adapters.profiling.types import Family
from interlock.domain.drift.profile import ColumnKind, ColumnProfile

BINS = 40
"""Bins of about equal mass. A shift of half a standard deviation loses 0.002 of its
Kolmogorov–Smirnov distance of 0.197 by being looked at on them."""
_FARTHEST = float(np.finfo(np.float64).max)
MOST_VALUES = 100
"""Categories that are counted one by one, the commonest; the rest is counted together."""
MOST_CODES = 20
"""Different whole numbers up to which they are taken for codes of classes."""
ROWS, CELLS = 50_000, 4_000_000
"""Rows of the sample, fewer where there are many columns. Edges need not be exact quantiles: what
is counted on them, is counted in all rows."""


def plans(files: Sources, names: Sequence[str]) -> list[ColumnPlan]:
    """Return how the reference's columns are compared, from a sample of its rows."""
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
    """Return how a live column is compared: as the reference's is, if its type allows."""
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
    """Of another type: only what is missing is counted, under a kind that tells."""
    return ColumnKind.TIME if kind is ColumnKind.OTHER else ColumnKind.OTHER


def _read(name: str, family: Family) -> pl.Expr:
    if family in types.NUMBERS:
        return pl.col(name).cast(pl.Float64)
    if family in {Family.TEXT, Family.BOOLEAN}:
        return as_category(name, family=family)
    return pl.col(name).is_null()


def plan(name: str, *, dtype: pl.DataType, values: pl.Series) -> ColumnPlan:
    """Return how one column is compared, from some of its values."""
    family, told = types.family(dtype), str(dtype)
    if family is Family.TIME:
        return ColumnPlan(name, ColumnKind.TIME, told, family)
    if family in {Family.OTHER, Family.NULL}:
        return ColumnPlan(name, ColumnKind.OTHER, told, family)
    values = present(values)
    if family in types.NUMBERS and not _are_codes(values, dtype):
        return ColumnPlan(name, ColumnKind.NUMBER, told, family, edges=edges(_finite(values)))
    common = _common(values, family)
    if common is None:
        return ColumnPlan(name, ColumnKind.TEXT, told, family)
    return ColumnPlan(name, ColumnKind.CATEGORY, told, family, values=common)


def _are_codes(values: pl.Series, dtype: pl.DataType) -> bool:
    return dtype.is_integer() and 5 * values.n_unique() <= min(5 * MOST_CODES, len(values))


def _common(values: pl.Series, family: Family) -> tuple[str, ...] | None:
    """The commonest values; None where most rows have one of their own, or a rare one."""
    if family is Family.NUMBER:
        values = values.cast(pl.Float64)
    counted = values.value_counts(name="rows").sort("rows", values.name, descending=[True, False])
    most = counted.head(MOST_VALUES)
    is_told_apart = 2 * len(counted) <= len(values) or family is not Family.TEXT
    if not is_told_apart or 2 * int(most["rows"].sum()) < len(values):
        return None
    return tuple(label(value) for value in most[values.name].to_list())


def _finite(values: pl.Series) -> Floats:
    numbers: Floats = values.cast(pl.Float64).to_numpy()
    return numbers[np.isfinite(numbers)]


def edges(values: Floats) -> tuple[float, ...]:
    """Return the inner quantiles of the values and, as far again on both sides, two outer edges.

    A value that holds several quantiles gets a bin of its own, [it, the next double): on a
    constant, or a column that is mostly zero, everything else is to either side of it.
    """
    if not len(values):
        return ()
    inner = np.linspace(0, 1, BINS + 1)[1:-1]
    found, times = np.unique(np.quantile(values, inner, method="inverted_cdf"), return_counts=True)
    with np.errstate(over="ignore"):
        width = found[-1] - found[0]
        ends = np.array([found[0] - width, found[-1] + width])
    ends = np.clip(ends, -_FARTHEST, _FARTHEST)
    closing = np.nextafter(found[times > 1], np.inf)
    every = np.unique(np.concatenate([found, ends, closing]))
    return tuple((snapped(every) if len(values) >= MANY else every).tolist())
