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
_HALVINGS = 64
"""Steps from a cell's width to neighbouring doubles."""
MANY = 4_096
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
        if self._grid is None and len(values) >= MANY:
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
    """Equal cells between the first edge and the last; the first lies below all of them, the last
    one above.

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
            self._origin = edges[0]
            self._factor = float((_CELLS - 3) / (edges[-1] - edges[0]))
        if not (np.isfinite(self._factor) and self._factor > 0):
            self._factor = 0.0
            return
        cells = self.cells(edges).copy()
        is_start = self.cells(np.nextafter(edges, -np.inf)) < cells
        # What lies outside may be anything: its sum is told by its values.
        self._is_cut[1:-1] = False
        self._is_cut[cells[~is_start]] = True
        self._bin_of_cell = np.searchsorted(cells, np.arange(_CELLS), side="right")
        self._cut = np.flatnonzero(self._is_cut)

    def take(self, values: Floats) -> Floats:
        """Count what lies in one bin for sure, and return the rest."""
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
        """Return where cells begin, to within a few of the next doubles."""
        if not self._factor:
            return np.zeros(len(cells))
        found: Floats = self._origin + (cells - 1) / self._factor
        return found

    def _of_bins(self, worth: Floats) -> Floats:
        weights = np.where(self._is_cut, 0, self._counts) * worth
        found: Floats = np.bincount(
            self._bin_of_cell, weights=weights, minlength=self._bins
        ).astype(np.float64)
        return found

    def cells(self, values: Floats) -> npt.NDArray[np.intp]:
        """In memory that is used again: to be given new pages takes longer than to compute."""
        if len(self._places) < len(values):
            self._places = np.empty(len(values))
            self._found = np.empty(len(values), dtype=np.intp)
        place, cells = self._places[: len(values)], self._found[: len(values)]
        with np.errstate(over="ignore"):  # what is infinitely far off lies in an outer cell
            np.subtract(values, self._origin, out=place)
            np.multiply(place, self._factor, out=place)
        np.clip(place, -1, _CELLS - 2, out=place)
        np.add(place, 1, out=place)
        np.copyto(cells, place, casting="unsafe")
        return cells


def snapped(edges: Floats) -> Floats:
    """Move every edge that is alone in its cell down to where the cell begins, so that nothing has
    to be searched for it: by less than a cell, which is 1 / 4,093 of the range. Edges at a value
    of their own come in pairs, and stay."""
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
