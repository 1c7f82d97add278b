"""Sorts the sizes of the errors once, and computes their median, in resamples, too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interlock.adapters.scoring import batches
from interlock.adapters.scoring.predictions import Floats
from interlock.adapters.scoring.resampling import Groups


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes in order of rows, and in ascending order."""

    of_row: Floats
    ascending: Floats

    @staticmethod
    def of(sizes: Floats) -> Sizes:
        return Sizes(sizes, np.sort(sizes))

    @property
    def largest(self) -> float:
        return float(self.ascending[-1])

    def median(self) -> float:
        return self._quantile(0.5)

    def medians(self, weights: Floats) -> Floats:
        """The median of each resample, from the weights [resamples, rows] of rows."""
        order = np.argsort(self.of_row)
        reached = np.cumsum(weights[:, order], axis=1)
        rows = len(order)
        low, high = (np.argmax(reached >= k, axis=1) for k in ((rows + 1) // 2, rows // 2 + 1))
        median: Floats = (self.ascending[low] + self.ascending[high]) / 2
        return median

    def median_influence(self, groups: Groups, median: float) -> Floats:
        """The influence of each group of rows: the sign of each row over twice the density at the
        median, by Siddiqui's (1960) difference of quantiles at a width of n^(-1/3)."""
        rows = len(self.of_row)
        width = rows ** (-1 / 3) / 2
        spread = self._quantile(0.5 + width) - self._quantile(0.5 - width)
        totals = np.zeros(groups.count)
        for batch in batches.of(rows):
            totals += groups.totals(np.sign(self.of_row[batch] - median), batch)
        influence: Floats = totals * spread / (2 * width) / 2 / rows
        return influence

    def _quantile(self, share: float) -> float:
        """Interpolate linearly between the two nearest sizes, like numpy.quantile."""
        place = share * (len(self.ascending) - 1)
        low, high = self.ascending[[int(np.floor(place)), int(np.ceil(place))]]
        return float(low + (high - low) * (place % 1))
