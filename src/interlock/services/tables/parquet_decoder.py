"""Decodes Parquet files first, in a separate process: `python -I -m ….parquet_decoder`.

Each line of standard input is a job, and each line of standard output the reason why its file is
not read, null for a file that may be read. A failed allocation ends only this process.
"""

from __future__ import annotations

import json
import resource
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from interlock.domain.basics import table_limits
from interlock.domain.basics.refusal import Refusal
from interlock.domain.basics.table_limits import ReadMode, TableShape
from interlock.domain.model import monitor_rules
from interlock.services.tables import cells

_FAILURES = (
    pl.exceptions.PolarsError,
    pl.exceptions.PanicException,
    ValueError,
    OSError,
    MemoryError,
)
_BATCH, _AT_ONCE = 131_072, 12
"""Rows and columns that are decoded at once, as profiling does."""


def main() -> None:
    """Answer until standard input ends."""
    resource.setrlimit(resource.RLIMIT_DATA, (table_limits.MEMORY_BYTES, table_limits.MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        refusal = check(**json.loads(line))
        print(json.dumps(refusal and refusal.reason), flush=True)


def check(*, path: str, use: str, include: Sequence[str], exclude: Sequence[str]) -> Refusal | None:
    """Refuse a file that may not be read, with a clause that follows its name."""
    try:
        with Path(path).open("rb") as file:
            schema = dict(pl.read_parquet_schema(file))
        wanted = (n for n in schema if monitor_rules.matches(n, include) or _is_twin(n, include))
        read = [n for n in wanted if not monitor_rules.matches(n, exclude)]
        rows = _scan(path).select(pl.len()).collect(engine="streaming").item()
        widths = {name: cells.width(schema[name]) for name in read}
        shape = TableShape(rows, tuple(schema), widths)
        if refusal := table_limits.check_shape(shape, ReadMode(use)):
            return refusal
        flat = [name for name in read if cells.is_flat(schema[name])]
        return _held(path, flat) if use == ReadMode.HELD else _streamed(path, read, rows, use)
    except _FAILURES as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return Refusal(f"{table_limits.UNREADABLE}{reason}")


def _is_twin(name: str, include: Sequence[str]) -> bool:
    """True if a name matches a pattern; names are compared in one form of Unicode."""
    return monitor_rules.matches(unicodedata.normalize("NFC", name), include)


def _scan(path: str) -> pl.LazyFrame:
    return pl.scan_parquet(path, glob=False, hive_partitioning=False, low_memory=True)


def _held(path: str, names: list[str]) -> Refusal | None:
    with Path(path).open("rb") as file:
        frame = pl.read_parquet(file, columns=names)
    shape = TableShape(frame.height, tuple(names), {})
    return table_limits.check_shape(shape, ReadMode.HELD) or cells.check_size(frame)


def _streamed(path: str, names: list[str], rows: int, use: str) -> Refusal | None:
    size = len(names) if use == ReadMode.COPIED else _BATCH * _AT_ONCE // max(1, min(rows, _BATCH))
    for group in _groups(names, max(1, size)):
        rows_read = 0
        batches = _scan(path).select(group).collect_batches(chunk_size=_BATCH, engine="streaming")
        for batch in batches:
            rows_read += batch.height
            shape = TableShape(rows_read, (), {})
            if refusal := table_limits.check_shape(shape, ReadMode(use)):
                return refusal
    return None


def _groups(names: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(names), size):
        yield names[start : start + size]


if __name__ == "__main__":
    main()
