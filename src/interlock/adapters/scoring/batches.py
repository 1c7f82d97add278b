"""Divides rows into batches that fit the cache of a core, so that no step needs whole copies."""

from __future__ import annotations

from collections.abc import Iterator

ROWS = 1 << 18


def of(rows: int) -> Iterator[slice]:
    """Yield the batches of `rows` rows, in order."""
    for start in range(0, rows, ROWS):
        yield slice(start, min(start + ROWS, rows))
