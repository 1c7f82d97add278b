"""Draws the resamples: the number of times that each cell or row of the sample is drawn.

A bootstrap resample of n rows is defined by the number of times that each row was drawn. If there
are only a few cells with rows that a metric does not distinguish, the counts of the cells follow a
multinomial law. To draw these counts is exactly the same bootstrap, at a cost that does not grow
with the rows (Efron & Tibshirani 1993, section 6.2 and chapter 20 on resampling vectors).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from interlock.adapters.scoring import batches
from interlock.adapters.scoring.predictions import Codes, Floats

MOST_AT_ONCE = 250_000
"""Weights in memory together: 2 MB of doubles, which stay in a core's cache."""
_ROWS_A_CELL = 8
"""A binomial draw costs about as much as drawing this many rows."""


@dataclass(frozen=True, slots=True)
class Groups:
    """The group of each row; the bootstrap draws groups."""

    of_row: npt.NDArray[Any]
    count: int

    def totals(self, values: Floats, rows: Any) -> Floats:
        """Sum the values of some rows, a slice or places, by group."""
        totals: Floats = np.bincount(self.of_row[rows], values, minlength=self.count)  # type: ignore[assignment]
        return totals


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows that no metric distinguishes: the code and the number of rows of each cell, and the cell
    of each row in a small cell.

    Cells are in order of their first row. This order depends on the grouping, and not on the codes.
    """

    codes: Codes
    counts: Codes
    small_rows: Codes

    @staticmethod
    def of(codes: Codes, *, size: int) -> Cells:
        """Group rows with the same code, in [0, size)."""
        names: Codes | None = None
        if size > 4 * len(codes):
            names, codes = np.unique(codes, return_inverse=True)
            size = len(names)
        counts = np.bincount(codes, minlength=size)
        present = np.flatnonzero(counts)
        ordered = present[np.argsort(_first(codes, size)[present])]
        place = np.zeros(size, dtype=np.int64)
        place[ordered] = np.arange(len(ordered))
        small = codes[(counts < _ROWS_A_CELL)[codes]]
        return Cells(ordered if names is None else names[ordered], counts[ordered], place[small])


def _first(codes: Codes, size: int) -> Codes:
    """Return the first row of each code."""
    first = np.zeros(size, dtype=np.int64)
    for rows in reversed(list(batches.of(len(codes)))):
        # Of several assignments to one place the last one stays: here, that of the first row.
        first[codes[rows][::-1]] = np.arange(rows.start, rows.stop)[::-1]
    return first


def of_cells(cells: Cells, *, resamples: int, seed: int) -> Iterator[Floats]:
    """Yield chunks [resamples, cells] with the number of rows of each cell that are drawn.

    Each row of a chunk sums to the number of rows. The order of the cells decides the draws, so
    that it must stay the same if the files are swapped. Cells of few rows are drawn as one, and
    then their rows one by one: the law is the same, and it is cheaper if cells are many and small.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    rows, size, small_rows = cells.counts.sum(), len(cells.counts), cells.small_rows
    large = np.flatnonzero(cells.counts >= _ROWS_A_CELL)
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


def of_clusters(clusters: Codes, *, most: int, seed: int) -> Groups:
    """Put whole clusters at random into groups, as `groups` does with rows; `clusters` has the
    cluster of each row."""
    present, place = np.unique(clusters, return_inverse=True)
    dealt = groups(len(present), most=most, seed=seed)
    return Groups(dealt.of_row[place], dealt.count)


def groups(rows: int, *, most: int, seed: int) -> Groups:
    """Put rows at random into `most` groups, whose sizes differ by one at most; each row into a
    group of its own if there are fewer rows."""
    if rows <= most:
        return Groups(np.arange(rows), rows)
    of_row = np.arange(rows, dtype=np.int32) % most
    np.random.Generator(np.random.PCG64(seed)).shuffle(of_row)
    return Groups(of_row, most)


def _sizes(resamples: int, width: int) -> Iterator[int]:
    step = max(1, MOST_AT_ONCE // max(1, width))
    for start in range(0, resamples, step):
        yield min(step, resamples - start)
