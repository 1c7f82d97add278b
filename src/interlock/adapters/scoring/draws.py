"""The random part, and all of it: how often each cell or row of the sample is drawn again.

A bootstrap resample of n rows is nothing but how often each row was drawn. Where rows fall into
few cells that a metric cannot tell apart, the counts of the cells follow a multinomial law, so
that drawing these is the same bootstrap, exactly, at a cost that does not grow with the rows
(Efron & Tibshirani 1993, section 6.2 and chapter 20 on resampling vectors).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from interlock.adapters.scoring.predictions import Codes, Floats

MOST_AT_ONCE = 4_000_000
"""Weights that are in memory together: 32 MB of doubles."""


def of_cells(counts: Codes, *, resamples: int, seed: int) -> Iterator[Floats]:
    """Yield chunks [resamples, cells] of how many rows of each cell are drawn.

    Each row of a chunk sums to the number of rows. The order of the cells decides the draws, so
    that the caller owes an order that swapping the files leaves as it is.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    rows = int(counts.sum())
    share = counts / rows
    for size in _sizes(resamples, len(counts)):
        yield rng.multinomial(rows, share, size=size).astype(np.float64)


def of_rows(rows: int, *, resamples: int, seed: int) -> Iterator[Floats]:
    """Yield chunks [resamples, rows] of how often each row is drawn."""
    rng = np.random.Generator(np.random.PCG64(seed))
    for size in _sizes(resamples, rows):
        drawn = rng.integers(0, rows, size=(size, rows), dtype=np.int64)
        drawn += np.arange(size)[:, None] * rows
        counts = np.bincount(drawn.ravel(), minlength=size * rows)
        yield counts.reshape(size, rows).astype(np.float64)


def groups(rows: int, *, most: int, seed: int) -> Codes:
    """Deal rows at random into at most `most` groups whose sizes differ by one at most."""
    rng = np.random.Generator(np.random.PCG64(seed))
    return rng.permutation(rows) % min(rows, most)


def first_seen(codes: Codes, *, size: int) -> tuple[Codes, Codes]:
    """Return the distinct codes in order of their first row, and how many rows have each.

    Codes are in [0, size). The order of first rows depends on which rows are together, not on
    what the codes are.
    """
    if size > 4 * len(codes):
        found, first, counts = np.unique(codes, return_index=True, return_counts=True)
    else:
        every = np.bincount(codes, minlength=size)
        found = np.flatnonzero(every)
        # Of several assignments to one place the last stays: here, the earliest row's.
        place = np.zeros(size, dtype=np.int64)
        place[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
        first, counts = place[found], every[found]
    order = np.argsort(first, kind="stable")
    return found[order], counts[order]


def _sizes(resamples: int, width: int) -> Iterator[int]:
    step = max(1, MOST_AT_ONCE // max(1, width))
    for start in range(0, resamples, step):
        yield min(step, resamples - start)
