"""What a Parquet file says of its times at its end: enough to leave it where it lies, or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from interlock.adapters.live.row_filter import Times


def look(file: Any, *, time: str) -> Times | None:
    """Return the times of an open file; None when it does not say. A few kilobytes are read."""
    # Half a second of imports, which only files in a remote store have to pay.
    import pyarrow.parquet as pq  # noqa: PLC0415
    from pyarrow import ArrowException  # noqa: PLC0415

    try:
        found = tuple(_statistics(pq.ParquetFile(file).metadata, time))
    except (ArrowException, OSError, ValueError, ArithmeticError):
        return None  # whoever reads it says what is wrong with it
    if not found or not all(_tells(each) for each in found):
        return None
    bounds = [second for each in found for second in _bounds(each)]
    untimed = sum(int(each.null_count) for each in found)
    return Times(min(bounds, default=None), max(bounds, default=None), untimed)


def _statistics(metadata: Any, time: str) -> Iterator[Any]:
    """Of the column's part in every row group, in order; nothing where there is no such column."""
    names = metadata.schema.to_arrow_schema().names
    columns = [metadata.schema.column(index).path for index in range(metadata.num_columns)]
    if time in names and time in columns:
        for group in range(metadata.num_row_groups):
            yield metadata.row_group(group).column(columns.index(time)).statistics


def _tells(statistics: Any) -> bool:
    if statistics is None or not statistics.has_null_count:
        return False
    return statistics.num_values == 0 or len(_bounds(statistics)) == 2


def _bounds(statistics: Any) -> Sequence[int]:
    if statistics.num_values == 0 or not statistics.has_min_max:
        return ()
    return tuple(_seconds((statistics.min, statistics.max)))


def _seconds(moments: Iterable[object]) -> Iterator[int]:
    """Moments without a zone are UTC, and days begin at midnight; text is not in order of time."""
    for moment in moments:
        if isinstance(moment, datetime):
            yield int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() // 1)
        elif isinstance(moment, date):
            yield int(datetime(moment.year, moment.month, moment.day, tzinfo=UTC).timestamp())
