"""What polars' many types are to a comparison: six families; no value may enter."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import polars as pl


class Family(Enum):
    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    TIME = "time"
    NULL = "null"
    OTHER = "other"


_BY_NAME = {
    "String": Family.TEXT,
    "Categorical": Family.TEXT,
    "Enum": Family.TEXT,
    "Boolean": Family.BOOLEAN,
    "Null": Family.NULL,
}


def family(dtype: pl.DataType) -> Family:
    """Return the family of a type: what may stand for one another without being a change."""
    if dtype.is_numeric():
        return Family.NUMBER
    if dtype.is_temporal():
        return Family.TIME
    return of_name(str(dtype))


def widest(dtypes: Sequence[pl.DataType]) -> pl.DataType:
    """Return the type of a column over parts that are of one family: with a float anywhere, its
    numbers are floats; a part without any value has no say."""
    known = [dtype for dtype in dtypes if family(dtype) is not Family.NULL]
    floats = [dtype for dtype in known if dtype.is_float()]
    return (floats or known or dtypes)[0]


def of_name(name: str) -> Family:
    """Return the family of a type by what a profile calls it."""
    base = name.partition("(")[0]
    if base in _BY_NAME:
        return _BY_NAME[base]
    if base in {"Date", "Datetime", "Time", "Duration"}:
        return Family.TIME
    is_number = base.startswith(("Int", "UInt", "Float", "Decimal"))
    return Family.NUMBER if is_number else Family.OTHER
