"""Reads the times of one file and copies the rows of one window, as a stream."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from interlock.adapters.live import times
from interlock.adapters.live.stores import changed
from interlock.domain.basics.table_limits import ReadMode
from interlock.domain.monitoring.windows import Window
from interlock.services import tables

_FAILURES = (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError)
_NONE = (pl.lit(0), pl.lit(""))
_SHOWN = 10


class UnreadableFileError(Exception):
    """The message is the reason: `cannot be read: …`."""


class NoTimesError(UnreadableFileError):
    """The file has no such column, or the column has another type than a time."""


@dataclass(frozen=True, slots=True)
class Times:
    """The first and last time in seconds, None if there are no times. `untimed` counts rows without
    a time; `fault` describes times that cannot be read."""

    first: int | None
    last: int | None
    untimed: int
    fault: str = ""


def read_times(path: Path, *, name: str, time: str) -> Times:
    """Read the time of every row. Raises UnreadableFileError, and OutsideFailure for a file that
    changes meanwhile."""
    with _steady(path, name):
        frame = _scan(path, ReadMode.STREAMED, include=[time])
        clock = _clock(frame, time)
        invalid = clock.invalid
        odd, example = (invalid.len(), invalid.first()) if clock.stored is None else _NONE
        summary = frame.select(
            first=clock.seconds.min(),
            last=clock.seconds.max(),
            untimed=pl.col(time).null_count(),
            odd=odd,
            example=example.cast(pl.String),
        )
        first, last, untimed, count, shown = summary.collect(engine="streaming").row(0)
    fault = _invalid_times(time, count, shown) if count else ""
    return Times(first, last, untimed, fault)


def cut(path: Path, *, name: str, time: str, window: Window, to: Path) -> Path | None:
    """Copy the rows of a window to a folder. Return the file itself if all rows are inside, None if
    no row is. Raises like `read_times`."""
    with _steady(path, name):
        frame = _scan(path, ReadMode.COPIED)
        inside = _clock(frame, time).inside(window)
        # As a filter, so that a scan of Parquet skips row groups outside the window.
        rows, selected = (
            each.select(pl.len()).collect(engine="streaming").item()
            for each in (frame, frame.filter(inside))
        )
        if selected in {0, rows}:
            return path if selected else None
        return _copy(frame.filter(inside), path, to)


def has_column(path: Path, *, name: str, time: str) -> bool:
    """Raises as `read_times` does."""
    with _steady(path, name):
        return time in _scan(path, ReadMode.STREAMED, include=[time]).collect_schema()


def _scan(path: Path, use: ReadMode, *, include: Sequence[str] = ("*",)) -> pl.LazyFrame:
    if refusal := tables.refusal(path, use=use, include=include):
        raise UnreadableFileError(str(refusal))
    if tables.is_parquet(path):
        return pl.scan_parquet(path, glob=False, hive_partitioning=False)
    # As text, and written as text, so that 007 stays 007.
    return pl.scan_csv(path, glob=False, infer_schema=False, separator=tables.separator(path))


def _copy(rows: pl.LazyFrame, path: Path, to: Path) -> Path:
    to.mkdir(parents=True)
    copy = to / path.name
    if tables.is_parquet(path):
        rows.sink_parquet(copy, compression="lz4")
    else:
        # With the same separator, because it decides if a comma is a decimal sign.
        rows.sink_csv(copy, separator=tables.separator(path))
    return copy


def _clock(frame: pl.LazyFrame, time: str) -> times.Clock:
    schema = frame.collect_schema()
    if time not in schema:
        names = list(schema)
        more = ", …" if len(names) > _SHOWN else ""
        raise NoTimesError(f"has no column {time!r}, only {', '.join(names[:_SHOWN])}{more}")
    clock = times.clock(time, schema[time])
    if clock is None:
        raise NoTimesError(f"has type {schema[time]} in column {time!r}, which is not a time")
    return clock


def _invalid_times(time: str, count: int, example: str) -> str:
    rows = "1 row has" if count == 1 else f"{count:,} rows have"
    shown = repr(example[: _SHOWN * 4])
    return (
        f"cannot be read completely: {rows} no valid timestamp in column {time!r}, "
        f"for example {shown}"
    )


@contextmanager
def _steady(path: Path, name: str) -> Iterator[None]:
    """Raises if the file cannot be read, or changes meanwhile."""
    try:
        before = _stamp(path)
        if not before[0]:
            raise UnreadableFileError("cannot be read: it is empty")
        yield
        after = _stamp(path)
    except FileNotFoundError as error:
        raise changed(name) from error
    except OSError as error:
        raise UnreadableFileError(f"cannot be read: {error.strerror or error}") from error
    except _FAILURES as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UnreadableFileError(f"cannot be read: {reason}") from error
    if before != after:
        raise changed(name)


def _stamp(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ino
