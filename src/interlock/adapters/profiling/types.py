"""What polars' many types are to a comparison: six families; no value may enter."""

from __future__ import annotations

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


def of_name(name: str) -> Family:
    """Return the family of a type by what a profile calls it."""
    base = name.partition("(")[0]
    if base in _BY_NAME:
        return _BY_NAME[base]
    if base in {"Date", "Datetime", "Time", "Duration"}:
        return Family.TIME
    is_number = base.startswith(("Int", "UInt", "Float", "Decimal"))
    return Family.NUMBER if is_number else Family.OTHER
