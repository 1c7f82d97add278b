"""Evidently's HTML page on drift. It does not influence the verdict.

Importing Evidently takes seconds, so this module is loaded only for a page.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

from interlock import errors
from interlock.domain.basics import csv_dialect
from interlock.domain.drift.profile import ColumnKind
from interlock.services import tables

ROWS = 100_000
"""Most rows of each side; a histogram does not need more."""
# Names and values are untrusted text, and the page inserts some of them as HTML.
_HARMLESS = {"<": "‹", ">": "›", "&": "＆"}


class EvidentlyPages:
    """Implements ports.drift_pages."""

    def draw(
        self,
        reference: Sequence[str],
        live: Sequence[str],
        *,
        columns: Mapping[str, ColumnKind],
        to: Path,
    ) -> None:
        shown = {
            n: kind
            for n, kind in columns.items()
            if kind in {ColumnKind.NUMBER, ColumnKind.CATEGORY}
        }
        if not shown:
            raise errors.CannotDraw(f"{to}: no column of numbers or categories to draw")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                one, other = (_dataset(files, shown) for files in (reference, live))
                Report([DataDriftPreset()]).run(other, one).save_html(str(to))
        except OSError:
            raise
        except Exception as error:
            # Evidently lets all exceptions of its parts through, such as ZeroDivisionError.
            raise errors.CannotDraw(
                f"{to}: Evidently cannot draw the page: {type(error).__name__}: {error}",
                hint="leave out --html, or exclude the columns with --exclude",
            ) from error


def _dataset(files: Sequence[str], columns: Mapping[str, ColumnKind]) -> Any:
    frame = _frame(files, columns)
    numbers, categories = (
        [_harmless(name) for name, each in columns.items() if each is kind]
        for kind in (ColumnKind.NUMBER, ColumnKind.CATEGORY)
    )
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=categories)
    return Dataset.from_pandas(frame, data_definition=definition)


def _frame(files: Sequence[str], columns: Mapping[str, ColumnKind]) -> Any:
    scans = [_read(file, columns) for file in files]
    rows = pl.concat(scans)
    count = rows.select(pl.len()).collect(engine="streaming").item()
    step = max(1, -(-count // ROWS))
    every = rows.with_row_index("\0row").filter(pl.col("\0row") % step == 0).drop("\0row")
    return every.collect(engine="streaming").to_pandas()


def _read(file: str, columns: Mapping[str, ColumnKind]) -> pl.LazyFrame:
    if not _is_csv(file):
        rows = pl.scan_parquet(file, glob=False, hive_partitioning=False)
        schema = rows.collect_schema()
        return rows.select(_column(n, kind, _stored(n, schema[n])) for n, kind in columns.items())
    separator = _separator(file)
    rows = pl.scan_csv(file, glob=False, infer_schema=False, separator=separator)
    return rows.select(
        _column(n, kind, _written(n, separator) if kind is ColumnKind.NUMBER else pl.col(n))
        for n, kind in columns.items()
    )


def _is_csv(file: str) -> bool:
    if "://" in file:
        return file.lower().endswith((".csv", ".tsv"))
    return not tables.is_parquet(Path(file))


def _separator(file: str) -> str:
    if "://" in file:
        return "\t" if file.lower().endswith(".tsv") else csv_dialect.COMMA
    return tables.separator(Path(file))


def _stored(name: str, dtype: pl.DataType) -> pl.Expr:
    """Durations and times as numbers."""
    return pl.col(name).to_physical() if dtype.is_temporal() else pl.col(name)


def _written(name: str, separator: str) -> pl.Expr:
    """The numbers of a text; other values are missing."""
    text = pl.col(name).str.strip_chars()
    if separator == csv_dialect.COMMA:
        return text
    return text.str.replace(csv_dialect.DECIMAL_COMMA, "${1}.${2}")


def _column(name: str, kind: ColumnKind, column: pl.Expr) -> pl.Expr:
    if kind is ColumnKind.CATEGORY:
        text = column.cast(pl.String)
        for sign, harmless in _HARMLESS.items():
            text = text.str.replace_all(sign, harmless, literal=True)
        return text.alias(_harmless(name))
    number = column.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number).alias(_harmless(name))


def _harmless(text: str) -> str:
    for sign, harmless in _HARMLESS.items():
        text = text.replace(sign, harmless)
    return text
