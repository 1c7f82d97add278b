"""Measures the cells of a column: their types and sizes; needs polars, and reads no file."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from interlock.domain.basics import table_limits
from interlock.domain.basics.refusal import Refusal

_BYTES = (
    ((pl.Boolean, pl.Null, pl.Int8, pl.UInt8), 1),
    ((pl.Int16, pl.UInt16), 2),
    ((pl.Int32, pl.UInt32, pl.Float32, pl.Date, pl.Categorical, pl.Enum), 4),
    ((pl.String, pl.Decimal, pl.Int128), 16),
)
_TEXTS = (pl.String, pl.Categorical, pl.Enum)


def is_flat(dtype: pl.DataType) -> bool:
    """True if a cell of this type is one text, number, timestamp or boolean."""
    return not (dtype.is_nested() or dtype in (pl.Binary, pl.Object))


def width(dtype: pl.DataType) -> int:
    """The smallest number of bytes of a cell."""
    return next((size for dtypes, size in _BYTES if dtype in dtypes), 8)


def check_size(frame: pl.DataFrame) -> Refusal | None:
    """Refuse a frame of flat columns that is too large.

    A text that a dictionary contains once counts in every row: values that are computed from the
    column are as large.
    """
    held = frame.height * sum(width(dtype) for dtype in frame.schema.values())
    for name, lengths in _lengths(frame).items():
        longest = lengths.max()
        if refusal := table_limits.check_text(name, longest if isinstance(longest, int) else 0):
            return refusal
        held += int(lengths.sum())
    return table_limits.check_bytes(held)


def _lengths(frame: pl.DataFrame) -> Mapping[str, pl.Series]:
    """The lengths of the texts of each column, in bytes."""
    texts = (column for column in frame if column.dtype in _TEXTS)
    return {column.name: column.cast(pl.String).str.len_bytes() for column in texts}
