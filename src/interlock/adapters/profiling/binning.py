"""Numbers into bins of any width, at a few nanoseconds each.

A binary search costs ten times as much. So where there are many values they fall on a grid of equal
cells first, by one multiplication; cells that no edge cuts belong to one bin as a whole, and only
what falls into a cell with an edge in it, or outside the grid, is searched. Counts are exact: the
grid is monotone, in floating point too.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from interlock.adapters.profiling.plans import Floats

Counts = npt.NDArray[np.int64]
_CELLS = 4_096
_MANY = 4_096
"""Values at once that are worth a grid."""


class Binning:
    """Counts of values in the bins between `edges`, one more than there are edges, and their sums.

    A value that is not searched adds the middle of its cell to the sum; a cell is narrower than
    the bin it lies in.
    """

    def __init__(self, edges: tuple[float, ...]) -> None:
        self._edges = np.asarray(edges, dtype=np.float64)
        self._counts: Counts = np.zeros(len(edges) + 1, dtype=np.int64)
        self._sums: Floats = np.zeros(len(edges) + 1)
        self._grid: Grid | None = None

    def add(self, values: Floats) -> None:
        """Count finite values, some ten thousand at a time."""
        if self._grid is None and len(values) >= _MANY:
            self._grid = Grid(self._edges)
        self._search(values if self._grid is None else self._grid.take(values))

    def counts(self) -> Counts:
        return self._counts if self._grid is None else self._counts + self._grid.counts()

    def sums(self) -> Floats:
        """Of the values in each bin."""
        return self._sums if self._grid is None else self._sums + self._grid.sums()

    def _search(self, values: Floats) -> None:
        places = np.searchsorted(self._edges, values, side="right")
        self._counts += np.bincount(places, minlength=len(self._counts))
        self._sums += np.bincount(places, weights=values, minlength=len(self._sums))


class Grid:
    """Equal cells over the edges; the first lies below all of them, the last one above.

    Where the edges are too near each other, or too far apart, for a double to tell cells, it takes
    nothing.
    """

    def __init__(self, edges: Floats) -> None:
        self._bins = len(edges) + 1
        self._places = np.empty(0)
        self._found = np.empty(0, dtype=np.intp)
        self._counts: Counts = np.zeros(_CELLS, dtype=np.int64)
        self._is_cut = np.ones(_CELLS, dtype=np.bool_)
        self._bin_of_cell: Counts = np.zeros(_CELLS, dtype=np.int64)
        with np.errstate(all="ignore"):
            self._origin, end = _ends(edges)
            self._factor = float((_CELLS - 3) / (end - self._origin))
        if not (np.isfinite(self._factor) and self._factor > 0):
            self._factor = 0.0
            return
        with np.errstate(over="ignore"):
            cells = self._cells(edges)
        self._is_cut[1:-1] = False
        self._is_cut[cells] = True
        self._bin_of_cell = np.searchsorted(cells, np.arange(_CELLS), side="left")

    def take(self, values: Floats) -> Floats:
        """Count what lies in one bin for sure, and return the rest."""
        if not self._factor:
            return values
        cells = self._cells(values)
        self._counts += np.bincount(cells, minlength=_CELLS)
        return values[np.flatnonzero(np.take(self._is_cut, cells))]

    def counts(self) -> Counts:
        return self._of_bins(np.ones(_CELLS)).astype(np.int64)

    def sums(self) -> Floats:
        if not self._factor:
            return np.zeros(self._bins)
        return self._of_bins(self._origin + (np.arange(_CELLS) - 0.5) / self._factor)

    def _of_bins(self, worth: Floats) -> Floats:
        weights = np.where(self._is_cut, 0, self._counts) * worth
        found: Floats = np.bincount(
            self._bin_of_cell, weights=weights, minlength=self._bins
        ).astype(np.float64)
        return found

    def _cells(self, values: Floats) -> npt.NDArray[np.intp]:
        """In memory that is used again: to be given new pages takes longer than to compute."""
        if len(self._places) < len(values):
            self._places = np.empty(len(values))
            self._found = np.empty(len(values), dtype=np.intp)
        place, cells = self._places[: len(values)], self._found[: len(values)]
        np.subtract(values, self._origin, out=place)
        np.multiply(place, self._factor, out=place)
        np.clip(place, -1, _CELLS - 2, out=place)
        np.add(place, 1, out=place)
        np.copyto(cells, place, casting="unsafe")
        return cells


def _ends(edges: Floats) -> tuple[np.float64, np.float64]:
    """Where the grid begins and ends: an outlier among the edges must not make its cells wide."""
    low, high = edges[0], edges[-1]
    if len(edges) < 4:
        return low, high
    width = edges[-2] - edges[1]
    return max(low, edges[1] - width), min(high, edges[-2] + width)
