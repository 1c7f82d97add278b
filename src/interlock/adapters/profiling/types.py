"""Groups polars' types into seven families for comparison."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import polars as pl


class Family(Enum):
    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    TIME = "time"
    SPAN = "span"
    """Durations and times of day, compared as numbers of seconds."""
    NULL = "null"
    OTHER = "other"


NUMBERS = frozenset({Family.NUMBER, Family.SPAN})
"""Families that are compared as numbers, spans in seconds."""

_BY_NAME = {
    "String": Family.TEXT,
    "Categorical": Family.TEXT,
    "Enum": Family.TEXT,
    "Boolean": Family.BOOLEAN,
    "Null": Family.NULL,
    "Date": Family.TIME,
    "Datetime": Family.TIME,
    "Time": Family.SPAN,
    "Duration": Family.SPAN,
}


def family(dtype: pl.DataType) -> Family:
    """Return the family of a type: types of one family are interchangeable."""
    return Family.NUMBER if dtype.is_numeric() else of_name(str(dtype))


def widest(dtypes: Sequence[pl.DataType]) -> pl.DataType:
    """Return the type of a column in several files: float if any file has floats. Files without
    values do not count."""
    known = [dtype for dtype in dtypes if family(dtype) is not Family.NULL]
    floats = [dtype for dtype in known if dtype.is_float()]
    return (floats or known or dtypes)[0]


def of_name(name: str) -> Family:
    """Return the family of a type by its name in a profile."""
    base = name.partition("(")[0]
    if base in _BY_NAME:
        return _BY_NAME[base]
    is_number = base.startswith(("Int", "UInt", "Float", "Decimal"))
    return Family.NUMBER if is_number else Family.OTHER


def seconds(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return a column of spans in seconds; any other as it is."""
    column = pl.col(name)
    if isinstance(dtype, pl.Duration):
        return column.dt.total_microseconds() / 1e6
    if isinstance(dtype, pl.Time):
        return column.cast(pl.Int64) / 1e9
    return column
