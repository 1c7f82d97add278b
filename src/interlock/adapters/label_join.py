"""Joins live predictions with their labels by id, with polars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from interlock import errors
from interlock.domain.model import monitor_rules
from interlock.domain.model.column_map import TRUE, ColumnMap
from interlock.services import tables

_HINT = "write labels and live rows as Parquet or CSV"
_FAILURES = (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, OSError)


class FileLabelling:
    """Implements ports.labelling for Parquet and CSV files."""

    def join(
        self, live: Sequence[str], labels: Sequence[str], *, to: Path, names: ColumnMap
    ) -> int:
        if not live or not labels:
            return 0
        keys = list(names.id)
        scores = (*names.outputs, *filter(None, (names.group,)))
        answers = (names.prediction,) if names.has_answers else ()
        predictions = pl.concat(
            [_read(file, keys, needed=answers, also=scores) for file in live],
            how="diagonal_relaxed",
        )
        ids = predictions.select(keys)
        truths = (names.target,) if names.has_answers else ()
        late = [name for name in names.measured if name not in predictions.columns]
        late += [f"{TRUE}*"] if names.has_labels else []
        # One file after the other, so that only the labels of these rows stay in memory.
        parts = [
            _read(file, keys, needed=truths, also=late).join(ids, on=keys, how="semi")
            for file in labels
        ]
        truth = pl.concat(parts, how="diagonal_relaxed").drop_nulls(truths or None).unique()
        joined = predictions.join(truth, on=keys, how="inner").sort(keys)
        if joined.height:
            known = dict.fromkeys((*keys, *truths, *answers))
            joined.select(*known, pl.exclude(*known)).write_parquet(to)
        return joined.height


def _read(
    file: str, keys: Sequence[str], *, needed: Sequence[str], also: Sequence[str]
) -> pl.DataFrame:
    """Read the keys as text, the needed columns, and those that match a pattern of `also`."""
    with _polars_errors(file):
        wanted = [*keys, *needed]
        if refusal := tables.refusal(
            Path(file), use=tables.ReadMode.HELD, include=[*wanted, *also]
        ):
            raise errors.CannotProfile(f"{file} {refusal}", hint=_HINT)
        frame = _scan(file)
        schema = frame.collect_schema()
        lacking = [name for name in wanted if name not in schema]
        if lacking:
            raise errors.CannotProfile(
                f"{file} has no column {lacking[0]!r}, which is needed to join labels",
                hint="write the ids in both files, predictions in live data, targets in labels",
            )
        more = [c for c in schema if c not in wanted and monitor_rules.matches(c, also)]
        texts = [_text(key, schema[key]) for key in keys]
        return frame.select(*texts, *needed, *more).collect(engine="streaming")


def _text(name: str, dtype: pl.DataType) -> pl.Expr:
    """The whole number 7, 7.0 and the text 7 are one id, as in a predictions file."""
    column = pl.col(name)
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
