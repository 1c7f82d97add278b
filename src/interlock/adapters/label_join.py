"""Joins live predictions with their labels by id, with polars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from interlock import errors
from interlock.services import tables

_ID, _TARGET, _PREDICTION, _SCORE = "id", "target", "prediction", "score_"
_HINT = "write labels and live rows as Parquet or CSV"
_FAILURES = (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, OSError)


class FileLabelling:
    """Implements ports.labelling for Parquet and CSV files."""

    def join(self, live: Sequence[str], labels: Sequence[str], *, to: Path) -> int:
        if not live or not labels:
            return 0
        predictions = pl.concat(
            [_read(file, needed=(_ID, _PREDICTION), also=_SCORE) for file in live],
            how="diagonal_relaxed",
        )
        ids = predictions.select(_ID)
        # One file after the other, so that only the labels of these rows stay in memory.
        parts = [_read(f, needed=(_ID, _TARGET)).join(ids, on=_ID, how="semi") for f in labels]
        truth = pl.concat(parts, how="vertical_relaxed").drop_nulls(_TARGET).unique()
        joined = predictions.join(truth, on=_ID, how="inner").sort(_ID)
        if joined.height:
            scores = [name for name in joined.columns if name.startswith(_SCORE)]
            joined.select(_ID, _TARGET, _PREDICTION, *scores).write_parquet(to)
        return joined.height


def _read(file: str, *, needed: Sequence[str], also: str = "") -> pl.DataFrame:
    """Read the needed columns and those with the prefix `also`; ids as text."""
    with _polars_errors(file):
        columns = [*needed, *([f"{also}*"] if also else [])]
        if refusal := tables.refusal(Path(file), use=tables.ReadMode.HELD, include=columns):
            raise errors.CannotProfile(f"{file} {refusal}", hint=_HINT)
        frame = _scan(file)
        schema = frame.collect_schema()
        lacking = [name for name in needed if name not in schema]
        if lacking:
            raise errors.CannotProfile(
                f"{file} has no column {lacking[0]!r}, which is needed to join labels",
                hint="write id and prediction in live data, id and target in labels",
            )
        more = [name for name in schema if also and name.startswith(also)]
        return frame.select(_text(schema[_ID]), *needed[1:], *more).collect(engine="streaming")


def _text(dtype: pl.DataType) -> pl.Expr:
    """The whole number 7, 7.0 and the text 7 are one id, as in a predictions file."""
    column = pl.col(_ID)
    return (column.cast(pl.Int64) if dtype.is_float() else column).cast(pl.String)


def _scan(file: str) -> pl.LazyFrame:
    if tables.is_parquet(Path(file)):
        return pl.scan_parquet(file, glob=False, hive_partitioning=False)
    # As text: otherwise the id 007 becomes 7.
    return pl.scan_csv(file, glob=False, infer_schema=False, separator=tables.separator(Path(file)))


@contextmanager
def _polars_errors(file: str) -> Iterator[None]:
    try:
        yield
    except _FAILURES as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise errors.CannotProfile(f"{file} cannot be read: {reason}", hint=_HINT) from error
