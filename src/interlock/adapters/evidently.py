"""Evidently's page on drift, for people: a picture beside our verdict, never a part of it.

Loaded when a page is asked for, and not before: importing it takes seconds.
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
from interlock.domain.drift.profile import Kind

ROWS = 100_000
"""Rows of each side at most: what a histogram shows does not need more."""
# Names and values are anybody's text, and the page puts some of them where HTML is read.
_HARMLESS = {"<": "‹", ">": "›", "&": "＆"}


class EvidentlyPages:
    """The drift pages of ports.drift_pages."""

    def draw(
        self,
        reference: Sequence[str],
        live: Sequence[str],
        *,
        columns: Mapping[str, Kind],
        to: Path,
    ) -> None:
        shown = {n: kind for n, kind in columns.items() if kind in {Kind.NUMBER, Kind.CATEGORY}}
        if not shown:
            raise errors.CannotDraw(f"{to}: there is no column of numbers or categories to draw")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                one, other = (_dataset(files, shown) for files in (reference, live))
                Report([DataDriftPreset()]).run(other, one).save_html(str(to))
        except OSError:
            raise
        except Exception as error:
            # It raises whatever its parts do: ZeroDivisionError for odd columns, and so on.
            raise errors.CannotDraw(
                f"{to}: Evidently cannot draw it: {type(error).__name__}: {error}",
                hint="leave --html out, or the columns that it cannot draw with --exclude",
            ) from error


def _dataset(files: Sequence[str], columns: Mapping[str, Kind]) -> Any:
    frame = _frame(files, columns)
    numbers, categories = (
        [_harmless(name) for name, each in columns.items() if each is kind]
        for kind in (Kind.NUMBER, Kind.CATEGORY)
    )
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=categories)
    return Dataset.from_pandas(frame, data_definition=definition)


def _frame(files: Sequence[str], columns: Mapping[str, Kind]) -> Any:
    scans = [_scan(file).select(_column(n, kind) for n, kind in columns.items()) for file in files]
    rows = pl.concat(scans)
    count = rows.select(pl.len()).collect(engine="streaming").item()
    step = max(1, -(-count // ROWS))
    every = rows.with_row_index("\0row").filter(pl.col("\0row") % step == 0).drop("\0row")
    return every.collect(engine="streaming").to_pandas()


def _scan(file: str) -> pl.LazyFrame:
    if _is_csv(file):
        return pl.scan_csv(file, glob=False, infer_schema_length=None)
    return pl.scan_parquet(file, glob=False, hive_partitioning=False)


def _is_csv(file: str) -> bool:
    if "://" in file:
        return file.lower().endswith(".csv")
    with Path(file).open("rb") as start:
        return start.read(4) != b"PAR1"


def _column(name: str, kind: Kind) -> pl.Expr:
    column = pl.col(name)
    if kind is Kind.CATEGORY:
        text = column.cast(pl.String)
        for sign, harmless in _HARMLESS.items():
            text = text.str.replace_all(sign, harmless, literal=True)
        return text.alias(_harmless(name))
    number = column.cast(pl.Float64)
    return pl.when(number.is_finite()).then(number).alias(_harmless(name))


def _harmless(text: str) -> str:
    for sign, harmless in _HARMLESS.items():
        text = text.replace(sign, harmless)
    return text
