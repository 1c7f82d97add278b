"""Counts numbers in bins of any width, in a few nanoseconds each.

A binary search costs ten times as much. So many values are first assigned to a grid of equal cells,
by one multiplication. A cell without an edge is part of one bin; only values in other cells, or
outside the grid, are searched. Counts are exact: the grid is monotone, in floating point too.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from interlock.adapters.profiling.plans import Floats

Counts = npt.NDArray[np.int64]
_CELLS = 4_096
_HALVINGS = 64
"""Steps from a cell's width to neighbouring doubles."""
MANY = 4_096
"""Values in one batch for which a grid is faster."""


class Binning:
    """Counts of values in the bins between `edges`, one more than there are edges, and their sums.

    A value that is not searched adds the middle of its cell to the sum; a cell is narrower than its
    bin.
    """

    def __init__(self, edges: tuple[float, ...]) -> None:
        self._edges = np.asarray(edges, dtype=np.float64)
        self._counts: Counts = np.zeros(len(edges) + 1, dtype=np.int64)
        self._sums: Floats = np.zeros(len(edges) + 1)
        self._grid: Grid | None = None

    def add(self, values: Floats) -> None:
        """Count finite values, some ten thousand at a time."""
        if self._grid is None and len(values) >= MANY:
            self._grid = Grid(self._edges)
        self._search(values if self._grid is None else self._grid.count(values))

    def counts(self) -> Counts:
        return self._counts if self._grid is None else self._counts + self._grid.counts()

    def sums(self) -> Floats:
        """The sum of the values in each bin."""
        return self._sums if self._grid is None else self._sums + self._grid.sums()

    def _search(self, values: Floats) -> None:
        places = np.searchsorted(self._edges, values, side="right")
        self._counts += np.bincount(places, minlength=len(self._counts))
        self._sums += np.bincount(places, weights=values, minlength=len(self._sums))


class Grid:
    """Equal cells between the first and the last edge, plus one cell below and one above.

    If the edges are too close or too far apart for double precision, it counts nothing.
    """

    def __init__(self, edges: Floats) -> None:
        self._bins = len(edges) + 1
        self._places = np.empty(0)
        self._cells = np.empty(0, dtype=np.intp)
        self._counts: Counts = np.zeros(_CELLS, dtype=np.int64)
        self._is_cut = np.ones(_CELLS, dtype=np.bool_)
        self._bin_of_cell: Counts = np.zeros(_CELLS, dtype=np.int64)
        with np.errstate(all="ignore"):
            self._origin = edges[0]
            self._factor = float((_CELLS - 3) / (edges[-1] - edges[0]))
        if not (np.isfinite(self._factor) and self._factor > 0):
            self._factor = 0.0
            return
        cells = self.cells(edges).copy()
        is_start = self.cells(np.nextafter(edges, -np.inf)) < cells
        # Values outside have no bounds: their sum needs the values themselves.
        self._is_cut[1:-1] = False
        self._is_cut[cells[~is_start]] = True
        self._bin_of_cell = np.searchsorted(cells, np.arange(_CELLS), side="right")
        self._cut = np.flatnonzero(self._is_cut)

    def count(self, values: Floats) -> Floats:
        """Count the values in cells without an edge, and return the others."""
        if not self._factor:
            return values
        cells = self.cells(values)
        counts = np.bincount(cells, minlength=_CELLS)
        self._counts += counts
        if not counts[self._cut].any():
            return values[:0]
        return values[np.flatnonzero(np.take(self._is_cut, cells))]

    def counts(self) -> Counts:
        return self._of_bins(np.ones(_CELLS)).astype(np.int64)

    def sums(self) -> Floats:
        return self._of_bins(self.starts(np.arange(_CELLS, dtype=np.float64) + 0.5))

    def starts(self, cells: Floats) -> Floats:
        """Return the lower bounds of cells, up to a few units of double precision."""
        if not self._factor:
            return np.zeros(len(cells))
        starts: Floats = self._origin + (cells - 1) / self._factor
        return starts

    def _of_bins(self, worth: Floats) -> Floats:
        weights = np.where(self._is_cut, 0, self._counts) * worth
        sums: Floats = np.bincount(self._bin_of_cell, weights=weights, minlength=self._bins).astype(
            np.float64
        )
        return sums

    def cells(self, values: Floats) -> npt.NDArray[np.intp]:
        """Return the cells of values, in reused memory: allocation would take longer than
        computing."""
        if len(self._places) < len(values):
            self._places = np.empty(len(values))
            self._cells = np.empty(len(values), dtype=np.intp)
        place, cells = self._places[: len(values)], self._cells[: len(values)]
        with np.errstate(over="ignore"):  # overflow belongs to an outer cell
            np.subtract(values, self._origin, out=place)
            np.multiply(place, self._factor, out=place)
        np.clip(place, -1, _CELLS - 2, out=place)
        np.add(place, 1, out=place)
        np.copyto(cells, place, casting="unsafe")
        return cells


def snap(edges: Floats) -> Floats:
    """Move every edge that is alone in its cell to the lower bound of the cell, so that no search
    is needed: by less than a cell, 1 / 4,093 of the range. Edges around one value come in pairs and
    stay."""
    grid = Grid(edges)
    cells = grid.cells(edges).copy()
    below, within = np.nextafter(grid.starts(cells.astype(np.float64) - 0.5), -np.inf), edges
    for _ in range(_HALVINGS):
        middle = below + (within - below) / 2
        is_within = grid.cells(middle) >= cells
        below, within = np.where(is_within, below, middle), np.where(is_within, middle, within)
    is_alone = np.bincount(cells, minlength=_CELLS)[cells] == 1
    is_inside = np.arange(len(edges)) % (len(edges) - 1) > 0
    return np.where(is_alone & is_inside & (grid.cells(within) == cells), within, edges)
