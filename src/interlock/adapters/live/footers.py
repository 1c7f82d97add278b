"""What a Parquet file says of its times at its end: enough to leave it where it lies, or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from interlock.domain.windows import Window


def rows_without_time(file: Any, *, time: str, window: Window) -> int | None:
    """Return how many rows have no time when no row can lie in the window; None when one may, or
    when the file does not say. A few kilobytes of the open file are read."""
    # Half a second of imports, which only files in a remote store have to pay.
    import pyarrow.parquet as pq  # noqa: PLC0415
    from pyarrow import ArrowException  # noqa: PLC0415

    try:
        found = tuple(_statistics(pq.ParquetFile(file).metadata, time))
    except (ArrowException, OSError, ValueError):
        return None  # whoever reads it says what is wrong with it
    if not found or any(_may_hold(each, window) for each in found):
        return None
    return sum(int(each.null_count) for each in found)


def _statistics(metadata: Any, time: str) -> Iterator[Any]:
    """Of the column's part in every row group, in order; nothing where there is no such column."""
    names = metadata.schema.to_arrow_schema().names
    columns = [metadata.schema.column(index).path for index in range(metadata.num_columns)]
    if time in names and time in columns:
        for group in range(metadata.num_row_groups):
            yield metadata.row_group(group).column(columns.index(time)).statistics


def _may_hold(statistics: Any, window: Window) -> bool:
    if statistics is None or not statistics.has_null_count:
        return True
    if statistics.num_values == 0:
        return False
    if not statistics.has_min_max:
        return True
    bounds = [*_seconds((statistics.min, statistics.max))]
    return len(bounds) < 2 or (bounds[0] < window.end and bounds[1] >= window.start)


def _seconds(moments: Iterable[object]) -> Iterator[float]:
    """Moments without a zone are UTC, and days begin at midnight; text is not in order of time."""
    for moment in moments:
        if isinstance(moment, datetime):
            yield (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        elif isinstance(moment, date):
            yield datetime(moment.year, moment.month, moment.day, tzinfo=UTC).timestamp()
