"""The time of each row as a moment in UTC, as expressions of polars'; no file is read here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from interlock.domain import moments
from interlock.domain.windows import Window

_PARTS = "{}-{}-{}T{}:{}:{}{}"
_FORMAT = "%Y-%m-%dT%H:%M:%S%z"


@dataclass(frozen=True, slots=True)
class Clock:
    """How a column of one type is read: `moment` has no value where there is none, or no moment.
    It `is_plain` where it is the column itself, compared as it is stored."""

    name: str
    moment: pl.Expr
    start: pl.Expr
    end: pl.Expr
    is_plain: bool = False

    @property
    def inside(self) -> pl.Expr:
        return (self.moment >= self.start) & (self.moment < self.end)

    @property
    def bad(self) -> pl.Expr:
        """Values that say something, and no moment."""
        return pl.col(self.name).filter(pl.col(self.name).is_not_null() & self.moment.is_null())


def clock(name: str, dtype: pl.DataType, *, window: Window) -> Clock | None:
    """Return how a column is read; None for a type that says no moments.

    The bounds take the column's own type, not the column theirs: so that a scan can skip what the
    statistics of a Parquet file say to lie outside.
    """
    start, end = (datetime.fromtimestamp(second, UTC) for second in (window.start, window.end))
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        zone = dtype.time_zone
        first, last = (
            (pl.lit(b.replace(tzinfo=None)) if zone is None else pl.lit(b)).cast(dtype)
            for b in (start, end)
        )
        return Clock(name, column, first, last, is_plain=True)
    if dtype == pl.Date:
        column = column.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    elif dtype == pl.String:
        column = _read(column)
    else:
        return None
    return Clock(name, column, pl.lit(start), pl.lit(end))


def _read(text: pl.Expr) -> pl.Expr:
    """As `moments.read`: ISO 8601, UTC where it names no zone, fractions cut off."""
    part = text.str.extract_groups(rf"^\s*{moments.ISO}\s*$").struct
    date = [part.field(str(i)) for i in (1, 2, 3)]
    clock_ = [part.field(str(i)).fill_null("00") for i in (4, 5, 6)]
    zone = pl.format("{}{}{}", *(part.field(str(i)) for i in (8, 9, 10))).fill_null("+0000")
    return pl.format(_PARTS, *date, *clock_, zone).str.to_datetime(
        _FORMAT, time_unit="us", time_zone="UTC", strict=False
    )
