"""The rows of one window out of one file, by a column that says when; no row is held in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from interlock import errors
from interlock.adapters.live import times
from interlock.adapters.live.stores import changed
from interlock.domain.windows import Window

_MAGIC = b"PAR1"
_FAILURES = (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError)
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Cut:
    """`file` holds the rows of the window and no others, None when there are none: it is the file
    itself where all its rows are. `untimed` rows have no time."""

    file: Path | None
    untimed: int


def cut(path: Path, *, name: str, time: str, window: Window, to: Path) -> Cut:
    """Look at the time of every row of a file, and copy the rows of the window to a folder.

    Raises CannotProfile for a file that cannot be read, has no such column, or has something in it
    that is no moment; OutsideFailure for one that is written meanwhile.
    """
    with _steady(path, name):
        frame = _scan(path)
        clock = _clock(frame, name=name, time=time, window=window)
        counts = _counts(frame, clock)
        if counts.bad:
            raise _no_moment(name, time, counts)
        if counts.inside in {0, counts.rows}:
            return Cut(path if counts.inside else None, counts.untimed)
        return Cut(_copy(frame.filter(clock.inside), path, to), counts.untimed)


@dataclass(frozen=True, slots=True)
class _Counts:
    rows: int
    inside: int
    untimed: int
    bad: int = 0
    example: str = ""


def _counts(frame: pl.LazyFrame, clock: times.Clock) -> _Counts:
    column = pl.col(clock.name)
    if clock.is_plain:
        # As filters: a scan of Parquet skips what its statistics say to lie outside.
        asked = (frame, frame.filter(clock.inside), frame.filter(column.is_null()))
        return _Counts(
            *(each.select(pl.len()).collect(engine="streaming").item() for each in asked)
        )
    seen = frame.select(
        rows=pl.len(),
        inside=clock.inside.sum(),
        untimed=column.null_count(),
        bad=clock.bad.len(),
        example=clock.bad.first().cast(pl.String),
    )
    return _Counts(*seen.collect(engine="streaming").row(0))


def _scan(path: Path) -> pl.LazyFrame:
    if _is_parquet(path):
        return pl.scan_parquet(path, glob=False, hive_partitioning=False)
    # As text, and written as text: who reads the rows decides what 007 is.
    return pl.scan_csv(path, glob=False, infer_schema=False)


def _copy(rows: pl.LazyFrame, path: Path, to: Path) -> Path:
    to.mkdir(parents=True)
    copy = to / path.name
    if _is_parquet(path):
        rows.sink_parquet(copy, compression="lz4")
    else:
        rows.sink_csv(copy)
    return copy


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def _clock(frame: pl.LazyFrame, *, name: str, time: str, window: Window) -> times.Clock:
    schema = frame.collect_schema()
    if time not in schema:
        names = list(schema)
        more = ", …" if len(names) > _SHOWN else ""
        raise errors.CannotProfile(
            f"{name} has no column {time!r}, and its path no partition {time}=…",
            hint=f"set monitor.time to what says when a row was served; its columns are "
            f"{', '.join(names[:_SHOWN])}{more}",
        )
    found = times.clock(time, schema[time], window=window)
    if found is None:
        raise errors.CannotProfile(
            f"column {time!r} of {name} is {schema[time]}, which says no moments",
            hint="write it as dates, as datetimes, or as text in ISO 8601",
        )
    return found


def _no_moment(name: str, time: str, counts: _Counts) -> errors.CannotProfile:
    shown = repr(counts.example[: _SHOWN * 4])
    return errors.CannotProfile(
        f"{counts.bad:,} rows of {name} have no moment in column {time!r}, for example {shown}",
        hint="write ISO 8601, as 2026-11-01T06:00:00Z; what names no zone is taken as UTC",
    )


@contextmanager
def _steady(path: Path, name: str) -> Iterator[None]:
    """Raises where the file cannot be read, or is another at the end than at the beginning."""
    try:
        before = _stamp(path)
        yield
        after = _stamp(path)
    except FileNotFoundError as error:
        raise changed(name) from error
    except OSError as error:
        raise errors.CannotProfile(
            f"{name} cannot be read: {error.strerror or error}", hint="may this program read it?"
        ) from error
    except _FAILURES as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise errors.CannotProfile(
            f"{name} cannot be read: {reason}", hint="write whole files of Parquet or CSV"
        ) from error
    if before != after:
        raise changed(name)


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino
