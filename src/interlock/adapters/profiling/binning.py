"""Numbers into bins of any width, at a few nanoseconds each.

A binary search costs ten times as much. So values fall on a grid of equal cells first, by one
multiplication; cells that no edge cuts belong to one bin as a whole, and only what falls into a
cell with an edge in it is searched. Exact: the grid is monotone, in floating point too.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from interlock.adapters.profiling.plans import Floats

Counts = npt.NDArray[np.int64]
_CELLS = 4_096
_CHUNK = 32_768
"""Values that are worked on at once: 256 kB, which stay near the processor."""


class Binning:
    """Counts and sums of values in the bins between `edges`: one more than there are edges."""

    def __init__(self, edges: tuple[float, ...]) -> None:
        self._edges = np.asarray(edges, dtype=np.float64)
        self.counts: Counts = np.zeros(len(edges) + 1, dtype=np.int64)
        self.sums: Floats = np.zeros(len(edges) + 1)
        with np.errstate(all="ignore"):
            self._factor = (_CELLS - 3) / (self._edges[-1] - self._edges[0])
        self._has_grid = bool(np.isfinite(self._factor) and self._factor > 0)
        if self._has_grid:
            cells = self._cells(self._edges)
            self._is_cut = np.zeros(_CELLS, dtype=np.bool_)
            self._is_cut[cells] = True
            self._bin_of_cell = np.searchsorted(cells, np.arange(_CELLS), side="left")

    def add(self, values: Floats) -> None:
        """Count values, of which none is NaN; infinite ones lie in the outer bins and in no sum."""
        for start in range(0, len(values), _CHUNK):
            chunk = values[start : start + _CHUNK]
            if self._has_grid:
                self._by_grid(chunk)
            else:
                self._by_search(chunk)

    def _by_grid(self, values: Floats) -> None:
        cells = self._cells(values)
        counts = np.bincount(cells, minlength=_CELLS)
        sums = np.bincount(cells, weights=values, minlength=_CELLS)
        cut = self._is_cut
        if counts[cut].any():
            self._by_search(values[cut[cells]])
            counts[cut], sums[cut] = 0, 0.0
        size = len(self.counts)
        self.counts += np.bincount(self._bin_of_cell, weights=counts, minlength=size).astype(
            np.int64
        )
        self.sums += np.bincount(self._bin_of_cell, weights=sums, minlength=size)

    def _by_search(self, values: Floats) -> None:
        places = np.searchsorted(self._edges, values, side="right")
        self.counts += np.bincount(places, minlength=len(self.counts))
        self.sums += np.bincount(places, weights=values, minlength=len(self.counts))

    def _cells(self, values: Floats) -> npt.NDArray[np.int32]:
        """The first cell lies below all edges, the last one above."""
        place = (values - self._edges[0]) * self._factor
        np.clip(place, -1, _CELLS - 2, out=place)
        place += 1
        cells: npt.NDArray[np.int32] = place.astype(np.int32)
        return cells
