"""Measures the shape of a data file or folder: rows, columns, and the first and last time. A file
that is not a readable table has no shape."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

_SUFFIXES = (".parquet", ".csv")


def measure(path: Path, *, time: str) -> dict[str, Any] | None:
    """Return the fields of a Shape; `time` is the column of the first and last time, "" for
    none."""
    import polars as pl  # noqa: PLC0415 - a tenth of a second, which most of DVC's work is without

    shape = None
    # The training program reports a table that it cannot read.
    with suppress(pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, OSError):
        frame = _scan(path)
        shape = None if frame is None else _shape(frame, time)
    return shape


def _scan(path: Path) -> Any:
    import polars as pl  # noqa: PLC0415 - see measure

    scans: dict[str, Any] = {".parquet": pl.scan_parquet, ".csv": pl.scan_csv}
    if not path.is_dir():
        scan = scans.get(path.suffix)
        return scan(path) if scan else None
    for suffix in _SUFFIXES:
        if files := sorted(path.rglob(f"*{suffix}")):
            return scans[suffix](files)
    return None


def _shape(frame: Any, time: str) -> dict[str, Any]:
    import polars as pl  # noqa: PLC0415 - see measure

    columns = {name: str(kind) for name, kind in frame.collect_schema().items()}
    wanted = [pl.len().alias("rows")]
    if time in columns:
        ends = {"first": pl.col(time).min(), "last": pl.col(time).max()}
        wanted += [end.cast(pl.String).alias(name) for name, end in ends.items()]
    [row] = frame.select(wanted).collect(engine="streaming").to_dicts()
    return {
        "rows": row["rows"],
        "columns": columns,
        "first": row.get("first") or "",
        "last": row.get("last") or "",
    }
