"""Reads the columns of the manifest's own metrics as numbers, and the group of each row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from interlock.adapters.scoring import columns
from interlock.adapters.scoring.columns import RowPlace
from interlock.adapters.scoring.file_errors import FileErrors

if TYPE_CHECKING:
    from interlock.adapters.scoring.predictions import Codes, Floats

_TRUTH = {"true": 1.0, "false": 0.0}


def read(
    frame: pl.DataFrame, *, place: RowPlace, problems: FileErrors
) -> Mapping[str, npt.NDArray[np.float64]]:
    """Return each measured column [rows]; a boolean is 0 or 1. A missing, invalid, NaN or infinite
    value is a problem with its row."""
    read: dict[str, Floats] = {}
    for name in (c for c in dict.fromkeys(place.columns.measured) if c in frame.columns):
        with problems.noted():
            values = columns.as_floats(_numbers(frame[name]), place=place)
            if name in place.columns.flags:
                columns.check_flags(values, column=name, place=place)
            read[name] = values
    return read


def _numbers(column: pl.Series) -> pl.Series:
    """Convert booleans, also those that a CSV file writes as text."""
    if column.dtype == pl.Boolean:
        return column.cast(pl.Float64)
    if column.dtype != pl.String:
        return column
    known = column.str.strip_chars().str.to_lowercase()
    is_truth = known.is_in(list(_TRUTH)) | column.is_null()
    return known.replace_strict(_TRUTH, return_dtype=pl.Float64) if is_truth.all() else column


def group(frame: pl.DataFrame, *, place: RowPlace, order: npt.NDArray[np.int64]) -> Codes | None:
    """Return the number of the group of each row [rows], in the order of ids; None without a
    column. Groups have numbers in the order of their first row. A missing value is an error."""
    name = place.columns.group
    if not name:
        return None
    labels = columns.as_labels(frame[name], place=place).gather(order)
    codes: Codes = labels.rank("dense").to_numpy().astype(np.int64) - 1
    return codes
