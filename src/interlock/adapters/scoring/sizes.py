"""Sorts numbers once, and computes a quantile of them, in resamples, too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interlock.adapters.scoring import batches
from interlock.adapters.scoring.predictions import Floats
from interlock.adapters.scoring.resampling import Groups


@dataclass(frozen=True, slots=True)
class Sizes:
    """Numbers in order of rows, and in ascending order. `share` of them are below the quantile."""

    of_row: Floats
    ascending: Floats
    share: float = 0.5

    @staticmethod
    def of(sizes: Floats, *, share: float = 0.5) -> Sizes:
        return Sizes(sizes, np.sort(sizes), share)

    @property
    def largest(self) -> float:
        return float(self.ascending[-1])

    def quantile(self) -> float:
        return self._quantile(self.share)

    def quantiles(self, weights: Floats) -> Floats:
        """The quantile of each resample, from the weights [resamples, rows] of rows, interpolated
        like numpy.quantile."""
        reached = np.cumsum(weights[:, np.argsort(self.of_row)], axis=1)
        place = self.share * (reached[:, -1] - 1)
        low, high = (self._nth(reached, end) for end in (np.floor(place), np.ceil(place)))
        quantile: Floats = low + (high - low) * (place % 1)
        return quantile

    def _nth(self, reached: Floats, place: Floats) -> Floats:
        """The number at a place of each resample, counted from 0."""
        nth: Floats = self.ascending[np.argmax(reached > place[:, None], axis=1)]
        return nth

    def influence(self, groups: Groups, quantile: float) -> Floats:
        """The influence of each group of rows: the share less the rows below, over the density at
        the quantile, by Siddiqui's (1960) difference of quantiles at a width of n^(-1/3)."""
        rows, share = len(self.of_row), self.share
        low, high = (share + sign * rows ** (-1 / 3) / 2 for sign in (-1, 1))
        low, high = max(low, 0.0), min(high, 1.0)
        spread = (self._quantile(high) - self._quantile(low)) / (high - low)
        totals = np.zeros(groups.count)
        for batch in batches.of(rows):
            values = self.of_row[batch]
            sides = np.where(values > quantile, share, np.where(values < quantile, share - 1, 0.0))
            totals += groups.totals(sides, batch)
        influence: Floats = totals * spread / rows
        return influence

    def _quantile(self, share: float) -> float:
        """Interpolate linearly between the two nearest numbers, like numpy.quantile."""
        place = share * (len(self.ascending) - 1)
        low, high = self.ascending[[int(np.floor(place)), int(np.ceil(place))]]
        return float(low + (high - low) * (place % 1))
