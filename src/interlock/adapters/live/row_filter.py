"""The times in one file, and the rows of one window out of it; no row is held in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from interlock.adapters.live import texts, times
from interlock.adapters.live.stores import changed
from interlock.domain.basics.table_limits import ReadMode
from interlock.domain.monitoring.windows import Window
from interlock.services import tables

_FAILURES = (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError)
_NONE = (pl.lit(0), pl.lit(""))
_SHOWN = 10


class CannotUse(Exception):
    """What keeps a file from being read: `cannot be read: …`."""


class NoTimesError(CannotUse):
    """The file has no such column, or it says no moments."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of the first row and the last one that have a time, None where none has; `untimed`
    rows have none, and `fault` is said of those whose time cannot be read."""

    first: int | None
    last: int | None
    untimed: int
    fault: str = ""


def look(path: Path, *, name: str, time: str) -> Times:
    """Read the time of every row of a file. Raises CannotUse, and OutsideFailure for a file that is
    written meanwhile."""
    with _steady(path, name):
        frame = _scan(path, ReadMode.STREAMED, include=[time])
        clock = _clock(frame, time)
        odd, example = (clock.bad.len(), clock.bad.first()) if clock.stored is None else _NONE
        seen = frame.select(
            first=clock.seconds.min(),
            last=clock.seconds.max(),
            untimed=pl.col(time).null_count(),
            odd=odd,
            example=example.cast(pl.String),
        )
        first, last, untimed, count, shown = seen.collect(engine="streaming").row(0)
    fault = _no_moment(time, count, shown) if count else ""
    return Times(first, last, untimed, fault)


def cut(path: Path, *, name: str, time: str, window: Window, to: Path) -> Path | None:
    """Copy the rows of a window to a folder: the file itself where all its rows are, None where
    there are none. Raises as `look` does."""
    with _steady(path, name):
        frame = _scan(path, ReadMode.COPIED)
        inside = _clock(frame, time).inside(window)
        # As a filter: a scan of Parquet skips what its statistics say to lie outside.
        rows, mine = (
            each.select(pl.len()).collect(engine="streaming").item()
            for each in (frame, frame.filter(inside))
        )
        if mine in {0, rows}:
            return path if mine else None
        return _copy(frame.filter(inside), path, to)


def has_column(path: Path, *, name: str, time: str) -> bool:
    """Raises as `look` does."""
    with _steady(path, name):
        return time in _scan(path, ReadMode.STREAMED, include=[time]).collect_schema()


def _scan(path: Path, use: ReadMode, *, include: Sequence[str] = ("*",)) -> pl.LazyFrame:
    if said := tables.refusal(path, use=use, include=include):
        raise CannotUse(said)
    if tables.is_parquet(path):
        return pl.scan_parquet(path, glob=False, hive_partitioning=False)
    # As text, and written as text: who reads the rows decides what 007 is.
    return pl.scan_csv(path, glob=False, infer_schema=False, separator=texts.separator(path))


def _copy(rows: pl.LazyFrame, path: Path, to: Path) -> Path:
    to.mkdir(parents=True)
    copy = to / path.name
    if tables.is_parquet(path):
        rows.sink_parquet(copy, compression="lz4")
    else:
        # With its own separator, by which a comma is a decimal sign or not.
        rows.sink_csv(copy, separator=texts.separator(path))
    return copy


def _clock(frame: pl.LazyFrame, time: str) -> times.Clock:
    schema = frame.collect_schema()
    if time not in schema:
        names = list(schema)
        more = ", …" if len(names) > _SHOWN else ""
        raise NoTimesError(f"has no column {time!r}, only {', '.join(names[:_SHOWN])}{more}")
    found = times.clock(time, schema[time])
    if found is None:
        raise NoTimesError(f"has {schema[time]} in column {time!r}, which says no moments")
    return found


def _no_moment(time: str, count: int, example: str) -> str:
    rows = "1 row has" if count == 1 else f"{count:,} rows have"
    shown = repr(example[: _SHOWN * 4])
    return f"cannot be read in full: {rows} no moment in column {time!r}, for example {shown}"


@contextmanager
def _steady(path: Path, name: str) -> Iterator[None]:
    """Raises where the file cannot be read, or is another at the end than at the beginning."""
    try:
        before = _stamp(path)
        if not before[0]:
            raise CannotUse("cannot be read: it is empty")
        yield
        after = _stamp(path)
    except FileNotFoundError as error:
        raise changed(name) from error
    except OSError as error:
        raise CannotUse(f"cannot be read: {error.strerror or error}") from error
    except _FAILURES as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CannotUse(f"cannot be read: {reason}") from error
    if before != after:
        raise changed(name)


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino
