"""Reads the range of times from the footer of a Parquet file, to avoid copying the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from interlock.adapters.live.row_filter import Times


def read_times(file: Any, *, time: str) -> Times | None:
    """Return the times of an open file from a few kilobytes; None if the footer has none."""
    # Half a second of imports, needed only for remote files.
    import pyarrow.parquet as pq  # noqa: PLC0415
    from pyarrow import ArrowException  # noqa: PLC0415

    try:
        statistics = tuple(_statistics(pq.ParquetFile(file).metadata, time))
    except (ArrowException, OSError, ValueError, ArithmeticError):
        return None  # reading the whole file reports the problem
    if not statistics or not all(_is_complete(each) for each in statistics):
        return None
    bounds = [second for each in statistics for second in _bounds(each)]
    untimed = sum(int(each.null_count) for each in statistics)
    return Times(min(bounds, default=None), max(bounds, default=None), untimed)


def _statistics(metadata: Any, time: str) -> Iterator[Any]:
    """The statistics of a column in every row group, in order; nothing if there is no column."""
    names = metadata.schema.to_arrow_schema().names
    columns = [metadata.schema.column(index).path for index in range(metadata.num_columns)]
    if time in names and time in columns:
        for group in range(metadata.num_row_groups):
            yield metadata.row_group(group).column(columns.index(time)).statistics


def _is_complete(statistics: Any) -> bool:
    if statistics is None or not statistics.has_null_count:
        return False
    return statistics.num_values == 0 or len(_bounds(statistics)) == 2


def _bounds(statistics: Any) -> Sequence[int]:
    if statistics.num_values == 0 or not statistics.has_min_max:
        return ()
    return tuple(_seconds((statistics.min, statistics.max)))


def _seconds(moments: Iterable[object]) -> Iterator[int]:
    """Times without a zone are UTC, and days begin at midnight. Text is not in order of time."""
    for moment in moments:
        if isinstance(moment, datetime):
            yield int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() // 1)
        elif isinstance(moment, date):
            yield int(datetime(moment.year, moment.month, moment.day, tzinfo=UTC).timestamp())
