"""Writes timestamps as canonical text: one instant has one text, for every unit and zone.

The text is ISO 8601 in UTC without trailing zeros: `2026-11-01T06:00:00.5Z`; midnight is the date
alone. A timestamp without a zone is in UTC, as everywhere in this project.
"""

from __future__ import annotations

import polars as pl

_MOMENT = (
    r"^(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?P<time>[0-9]{2}:[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)? ?"
    r"(?:Z|UTC|(?P<sign>[+-])(?P<hours>[0-9]{2})(?::?(?P<minutes>[0-9]{2}))?)?$"
)
_WHOLE = "%Y-%m-%dT%H:%M:%S"


def of_datetimes(column: pl.Series) -> pl.Series:
    """Return the text of each; a column has one unit and one zone."""
    utc = column
    if column.dtype.time_zone is not None:  # type: ignore[attr-defined]
        utc = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return _short(utc.dt.to_string(f"{_WHOLE}%.f"))


def of_texts(texts: pl.Series) -> pl.Series:
    """Return the texts; timestamps get the one spelling, and all others stay."""
    is_moment = texts.str.contains(_MOMENT)
    if not is_moment.any():
        return texts
    parts = texts.str.extract_groups(_MOMENT).struct.unnest()
    spelled = parts.select(_utc().alias("utc"), pl.col("fraction").fill_null("")).select(
        pl.format("{}.{}", pl.col("utc").dt.to_string(_WHOLE), "fraction")
    )
    return _short(spelled.to_series()).fill_null(texts)


def _utc() -> pl.Expr:
    """Return the time without the fraction of a second, which is the same in each zone; null for an
    invalid date."""
    second = pl.col("second").fill_null("00")
    wall = pl.format("{}T{}:{}", "date", "time", second).str.to_datetime(_WHOLE, strict=False)
    hours, minutes = (pl.col(n).fill_null("0").cast(pl.Int64) for n in ("hours", "minutes"))
    ahead = pl.duration(minutes=hours * 60 + minutes)
    return pl.when(pl.col("sign") == "-").then(wall + ahead).otherwise(wall - ahead)


def _short(texts: pl.Series) -> pl.Series:
    fraction = texts.str.replace(r"(\.[0-9]*?)0*$", "$1").str.strip_chars_end(".")
    return (fraction + "Z").str.replace("T00:00:00Z$", "")
