"""Draws the resamples: the number of times that each cell or row of the sample is drawn.

A bootstrap resample of n rows is defined by the number of times that each row was drawn. If there
are only a few cells with rows that a metric does not distinguish, the counts of the cells follow a
multinomial law. To draw these counts is exactly the same bootstrap, at a cost that does not grow
with the rows (Efron & Tibshirani 1993, section 6.2 and chapter 20 on resampling vectors).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from interlock.adapters.scoring.predictions import Codes, Floats

MOST_AT_ONCE = 250_000
"""Weights in memory together: 2 MB of doubles, which stay in a core's cache."""
_ROWS_A_CELL = 8
"""A binomial draw costs about as much as drawing this many rows."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Groups of rows: each cell's code and number of rows, and each row's cell.

    Cells are in order of their first row. This order depends on the grouping, and not on the codes.
    """

    codes: Codes
    counts: Codes
    of_row: Codes

    @staticmethod
    def of(codes: Codes, *, size: int) -> Cells:
        """Group rows with the same code, in [0, size)."""
        if size > 4 * len(codes):
            codes_present, first, inverse, counts = np.unique(
                codes, return_index=True, return_inverse=True, return_counts=True
            )
        else:
            codes_present, first, inverse, counts = _counted(codes, size)
        order = np.argsort(first)
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        return Cells(codes_present[order], counts[order], place[inverse])


def _counted(codes: Codes, size: int) -> tuple[Codes, Codes, Codes, Codes]:
    """Return the result of np.unique, without sorting the rows."""
    every = np.bincount(codes, minlength=size)
    codes_present = np.flatnonzero(every)
    # Of several assignments to one place the last one stays: here, that of the first row.
    first = np.zeros(size, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    place = np.zeros(size, dtype=np.int64)
    place[codes_present] = np.arange(len(codes_present))
    return codes_present, first[codes_present], place[codes], every[codes_present]


def of_cells(cells: Cells, *, resamples: int, seed: int) -> Iterator[Floats]:
    """Yield chunks [resamples, cells] with the number of rows of each cell that are drawn.

    Each row of a chunk sums to the number of rows. The order of the cells decides the draws, so
    that it must stay the same if the files are swapped. Cells of few rows are drawn as one, and
    then their rows one by one: the law is the same, and it is cheaper if cells are many and small.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    rows, size = len(cells.of_row), len(cells.counts)
    large = np.flatnonzero(cells.counts >= _ROWS_A_CELL)
    small_rows = cells.of_row[cells.counts[cells.of_row] < _ROWS_A_CELL]
    share = np.append(cells.counts[large], len(small_rows)) / rows
    for chunk in _sizes(resamples, size):
        drawn = rng.multinomial(rows, share, size=chunk)
        weights = np.zeros((chunk, size))
        weights[:, large] = drawn[:, :-1]
        for each, count in zip(weights, drawn[:, -1], strict=True):
            if count:
                drawn = small_rows[rng.integers(0, len(small_rows), size=count, dtype=np.int32)]
                np.add(each, np.bincount(drawn, minlength=size), out=each)
        yield weights


def of_rows(rows: int, *, resamples: int, seed: int) -> Iterator[Floats]:
    """Yield chunks [resamples, rows] with the number of times that each row is drawn."""
    rng = np.random.Generator(np.random.PCG64(seed))
    for chunk in _sizes(resamples, rows):
        weights = np.empty((chunk, rows))
        for each in weights:
            drawn = rng.integers(0, rows, size=rows, dtype=np.int32)
            each[:] = np.bincount(drawn, minlength=rows)
        yield weights


def groups(rows: int, *, most: int, seed: int) -> Codes:
    """Put rows at random into at most `most` groups; their sizes differ by one at most."""
    rng = np.random.Generator(np.random.PCG64(seed))
    return rng.permutation(rows) % min(rows, most)


def _sizes(resamples: int, width: int) -> Iterator[int]:
    step = max(1, MOST_AT_ONCE // max(1, width))
    for start in range(0, resamples, step):
        yield min(step, resamples - start)
