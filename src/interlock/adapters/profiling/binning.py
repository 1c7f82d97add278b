"""Numbers into bins of any width, at a few nanoseconds each.

A binary search costs ten times as much. So values fall on a grid of equal cells first, by one
multiplication; cells that no edge cuts belong to one bin as a whole, and only what falls into a
cell with an edge in it, or outside the grid, is searched. Counts are exact: the grid is monotone,
in floating point too.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from interlock.adapters.profiling.plans import Floats

Counts = npt.NDArray[np.int64]
_CELLS = 4_096


class Binning:
    """Counts of values in the bins between `edges`, one more than there are edges, and their sums.

    A value that is not searched adds the middle of its cell to the sum; a cell is narrower than
    the bin it lies in.
    """

    def __init__(self, edges: tuple[float, ...]) -> None:
        self._edges = np.asarray(edges, dtype=np.float64)
        self._searched: Counts = np.zeros(len(edges) + 1, dtype=np.int64)
        self._sums: Floats = np.zeros(len(edges) + 1)
        self._grid: Counts = np.zeros(_CELLS, dtype=np.int64)
        self._origin, end = _ends(self._edges)
        with np.errstate(all="ignore"):
            self._factor = (_CELLS - 3) / (end - self._origin)
        # A constant may lie between two doubles so near that there is no room for a grid.
        self._has_grid = bool(np.isfinite(self._factor) and self._factor > 0)
        self._is_cut = np.ones(_CELLS, dtype=np.bool_)
        if self._has_grid:
            cells = self._cells(self._edges)
            self._is_cut[1:-1] = False
            self._is_cut[cells] = True
            self._bin_of_cell = np.searchsorted(cells, np.arange(_CELLS), side="left")

    def add(self, values: Floats) -> None:
        """Count finite values, some ten thousand at a time."""
        if not self._has_grid:
            self._search(values)
            return
        cells = self._cells(values)
        self._grid += np.bincount(cells, minlength=_CELLS)
        self._search(values[np.flatnonzero(self._is_cut[cells])])

    def counts(self) -> Counts:
        return self._searched + self._of_cells(np.ones(_CELLS)).astype(np.int64)

    def sums(self) -> Floats:
        """Of the values in each bin."""
        if not self._has_grid:
            return self._sums
        middles = self._origin + (np.arange(_CELLS) - 0.5) / self._factor
        return self._sums + self._of_cells(middles)

    def _of_cells(self, worth: Floats) -> Floats:
        if not self._has_grid:
            return np.zeros(len(self._sums))
        counts = np.where(self._is_cut, 0, self._grid)
        found: Floats = np.bincount(
            self._bin_of_cell, weights=counts * worth, minlength=len(self._sums)
        ).astype(np.float64)
        return found

    def _search(self, values: Floats) -> None:
        places = np.searchsorted(self._edges, values, side="right")
        self._searched += np.bincount(places, minlength=len(self._searched))
        self._sums += np.bincount(places, weights=values, minlength=len(self._sums))

    def _cells(self, values: Floats) -> npt.NDArray[np.int32]:
        """The first cell lies below all edges, the last one above."""
        with np.errstate(over="ignore"):  # what is infinitely far off lies in an outer cell
            place = (values - self._origin) * self._factor
        np.clip(place, -1, _CELLS - 2, out=place)
        place += 1
        cells: npt.NDArray[np.int32] = place.astype(np.int32)
        return cells


def _ends(edges: Floats) -> tuple[np.float64, np.float64]:
    """Where the grid begins and ends: an outlier among the edges must not make its cells wide."""
    low, high = edges[0], edges[-1]
    if len(edges) < 4:
        return low, high
    width = edges[-2] - edges[1]
    return max(low, edges[1] - width), min(high, edges[-2] + width)
