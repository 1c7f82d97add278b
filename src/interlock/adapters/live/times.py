"""Polars expressions for the time of each row, in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from interlock.domain.basics import timestamps
from interlock.domain.monitoring.windows import Window

_PARTS = "{}-{}-{}T{}:{}:{}{}"
_FORMAT = "%Y-%m-%dT%H:%M:%S%z"
_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Clock:
    """Reads the times of a column. `time` is null for missing and invalid values. `stored` is the
    type of a column that is compared without conversion."""

    name: str
    time: pl.Expr
    stored: pl.Datetime | None = None

    def inside(self, window: Window) -> pl.Expr:
        """True if a row is in the window. The bounds are converted to the type of the column and
        not the reverse, so that a scan of Parquet can skip row groups outside the window."""
        start, end = map(self._bound, (window.start, window.end))
        return (self.time >= start) & (self.time < end)

    def _bound(self, second: int) -> pl.Expr:
        time = datetime.fromtimestamp(second, UTC)
        if self.stored is None:
            return pl.lit(time)
        is_naive = self.stored.time_zone is None
        return pl.lit(time.replace(tzinfo=None) if is_naive else time).cast(self.stored)

    @property
    def seconds(self) -> pl.Expr:
        """Whole seconds since 1970."""
        return self.time.dt.timestamp("us") // _MICRO

    @property
    def invalid(self) -> pl.Expr:
        """Values that are not valid timestamps."""
        return pl.col(self.name).filter(pl.col(self.name).is_not_null() & self.time.is_null())


def clock(name: str, dtype: pl.DataType) -> Clock | None:
    """Return how to read a column; None for a type without times."""
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        return Clock(name, column, dtype)
    if dtype == pl.Date:
        return Clock(name, column.cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))
    return Clock(name, _read(column)) if dtype == pl.String else None


def _read(text: pl.Expr) -> pl.Expr:
    """As `timestamps.read`: ISO 8601, UTC without a zone, no fraction, years 1 to 9999."""
    part = text.str.extract_groups(rf"^\s*{timestamps.ISO}\s*$").struct
    date = [part.field(str(i)) for i in (1, 2, 3)]
    clock_ = [part.field(str(i)).fill_null("00") for i in (4, 5, 6)]
    zone = pl.format("{}{}{}", *(part.field(str(i)) for i in (8, 9, 10))).fill_null("+0000")
    time = pl.format(_PARTS, *date, *clock_, zone).str.to_datetime(
        _FORMAT, time_unit="us", time_zone="UTC", strict=False
    )
    return pl.when(time.dt.year().is_between(1, 9999)).then(time)
