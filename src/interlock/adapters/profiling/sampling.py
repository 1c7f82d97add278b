"""A uniform random sample of rows in one pass, with a fixed seed."""

from __future__ import annotations

import numpy as np
import polars as pl

_SEED = 20_070_417


class Sample:
    """At most `size` rows: each row draws a number, and the rows with the smallest numbers stay."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._chance = np.random.default_rng(_SEED)
        self._limit = 1.0
        self._keys = np.empty(0)
        self._frame: pl.DataFrame | None = None

    def add(self, batch: pl.DataFrame) -> None:
        rows = batch
        if self._limit < 1:
            # The number of rows below the limit; a repeated row is harmless.
            count = self._chance.binomial(batch.height, self._limit)
            if not count:
                return
            rows = batch[np.sort(self._chance.integers(0, batch.height, count))]
        keys = self._chance.random(rows.height) * self._limit
        self._frame = rows if self._frame is None else pl.concat([self._frame, rows])
        self._keys = np.concatenate([self._keys, keys])
        if len(self._keys) > 2 * self._size:
            self._frame = self._cut(self._frame)

    def rows(self) -> pl.DataFrame | None:
        """The sample; None without a batch."""
        if self._frame is not None and len(self._keys) > self._size:
            self._frame = self._cut(self._frame)
        return self._frame

    def _cut(self, frame: pl.DataFrame) -> pl.DataFrame:
        kept = np.sort(np.argpartition(self._keys, self._size)[: self._size])
        self._keys = self._keys[kept]
        self._limit = float(self._keys.max())
        return frame[kept]
