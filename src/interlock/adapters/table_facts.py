"""Describes the columns of CSV and Parquet files with polars."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from interlock.domain.adoption.column_choice import ColumnFacts, TableFacts
from interlock.services import tables

_MISSING = ["", "NA", "NaN", "NULL", "null", "\\N"]


class FileDescriptions:
    """The table descriptions of ports.table_facts."""

    def describe(self, path: Path, *, name: str) -> TableFacts | None:
        if tables.refusal(path, use=tables.ReadMode.HELD):
            return None
        try:
            frame = _read(path)
        except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError):
            return None
        columns = tuple(_column(each) for each in frame.get_columns())
        return TableFacts(name, frame.height, columns)


def _read(path: Path) -> pl.DataFrame:
    # Polars reads the open file, not the path, because it expands * and ? in a path.
    with path.open("rb") as file:
        if tables.is_parquet(path):
            return pl.read_parquet(file)
        return pl.read_csv(
            file,
            separator=tables.separator(path),
            null_values=_MISSING,
            infer_schema_length=None,
        )


def _column(values: pl.Series) -> ColumnFacts:
    distinct = values.n_unique() if not values.dtype.is_nested() else 0
    if not values.dtype.is_numeric() and values.dtype != pl.Boolean:
        return ColumnFacts(values.name, distinct)
    numbers = values.cast(pl.Float64).drop_nulls()
    is_whole = bool((numbers == numbers.round()).all())
    low, high = (None, None) if numbers.is_empty() else (numbers.min(), numbers.max())
    return ColumnFacts(values.name, distinct, True, is_whole, low, high)  # type: ignore[arg-type]
