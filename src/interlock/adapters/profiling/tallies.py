"""Counts columns batch by batch, according to their plans, and returns their profiles."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np
import polars as pl

from interlock.adapters.profiling.binning import Binning
from interlock.adapters.profiling.plans import ColumnPlan, Floats, label, present
from interlock.adapters.profiling.sampling import Sample
from interlock.adapters.profiling.sources import Sources
from interlock.domain.drift import text_variants
from interlock.domain.drift.profile import ColumnKind, ColumnProfile

QUARTILE_ROWS, CELLS = 10_000, 2_000_000
"""Rows for quartiles, fewer with many columns."""
OTHER_VALUES, REMEMBERED = 5, 1_000
_CHUNK = 65_536
"""Numbers per step: 512 kB, which fit into the processor's cache."""


class ColumnTally(Protocol):
    def add(self, values: pl.Series) -> None: ...
    def profile(self, *, rows: int, sample: pl.Series | None) -> ColumnProfile: ...


def count(files: Sources, plans: Sequence[ColumnPlan]) -> list[ColumnProfile]:
    """Read the columns once, and return their profiles in the order of the plans."""
    tallies = [tally(plan) for plan in plans]
    sample = Sample(max(1_000, min(QUARTILE_ROWS, CELLS // max(1, len(plans)))))
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:  # numpy and polars release the interpreter's lock
        for batch in files.batches([plan.expression() for plan in plans]):
            sample.add(batch)
            pairs = list(zip(tallies, batch.get_columns(), strict=True))
            list(pool.map(_add, (pairs[place::workers] for place in range(workers))))
    drawn = sample.rows()
    columns = {} if drawn is None else {column.name: column for column in drawn}
    return [
        each.profile(rows=files.rows, sample=columns.get(plan.name))
        for plan, each in zip(plans, tallies, strict=True)
    ]


def _add(pairs: Sequence[tuple[ColumnTally, pl.Series]]) -> None:
    for tally, values in pairs:
        tally.add(values)


def tally(plan: ColumnPlan) -> ColumnTally:
    """Return an empty tally of the plan's kind."""
    if plan.kind is ColumnKind.NUMBER:
        return NumberTally(plan)
    return CategoryTally(plan) if plan.kind is ColumnKind.CATEGORY else MissingTally(plan)


class MissingTally:
    """Counts missing values; the column is a boolean that is true for them."""

    def __init__(self, plan: ColumnPlan) -> None:
        self._plan, self._missing = plan, 0

    def add(self, values: pl.Series) -> None:
        self._missing += int(values.sum())

    def profile(self, *, rows: int, sample: pl.Series | None) -> ColumnProfile:
        return ColumnProfile(self._plan.name, self._plan.kind, self._plan.type, rows, self._missing)


class CategoryTally:
    """Counts the plan's values one by one and all others together."""

    def __init__(self, plan: ColumnPlan) -> None:
        self._plan, self._missing, self._other = plan, 0, 0
        self._counts = dict.fromkeys(plan.values, 0)
        self._other_values: Counter[str] = Counter()

    def add(self, values: pl.Series) -> None:
        self._missing += values.null_count()
        counted = present(values).value_counts(name="rows")
        for value, rows in zip(
            counted.to_series(0).to_list(), counted.to_series(1).to_list(), strict=True
        ):
            name = label(value)
            if name in self._counts:
                self._counts[name] += rows
                continue
            self._other += rows
            if name in self._other_values or len(self._other_values) < REMEMBERED:
                self._other_values[name] += rows

    def profile(self, *, rows: int, sample: pl.Series | None) -> ColumnProfile:
        common = sorted(self._other_values.items(), key=lambda pair: (-pair[1], pair[0]))
        return ColumnProfile(
            self._plan.name,
            self._plan.kind,
            self._plan.type,
            rows,
            self._missing,
            values=tuple(self._counts),
            counts=tuple(self._counts.values()),
            other=self._other,
            other_values=tuple(name for name, _ in common[:OTHER_VALUES]),
            other_spellings=text_variants.count_other_spellings(
                self._plan.values, self._other_values
            ),
        )


class NumberTally:
    """Counts bins, and computes mean, minimum and maximum."""

    def __init__(self, plan: ColumnPlan) -> None:
        self._plan, self._missing, self._rows, self._sum = plan, 0, 0, 0.0
        self._low, self._high = math.inf, -math.inf
        self._below, self._above = 0, 0
        self._binning = Binning(plan.edges) if plan.edges else None

    def add(self, values: pl.Series) -> None:
        self._missing += values.null_count()
        numbers = present(values).to_numpy()
        with np.errstate(over="ignore", invalid="ignore"):  # infinities are handled below
            for start in range(0, len(numbers), _CHUNK):
                self._count(numbers[start : start + _CHUNK])

    def _count(self, numbers: Floats) -> None:
        total = float(numbers.sum())
        if not math.isfinite(total):
            numbers = self._finite(numbers)
            total = float(numbers.sum())
        if not len(numbers):
            return
        self._rows += len(numbers)
        self._sum += total
        self._low = min(self._low, float(numbers.min()))
        self._high = max(self._high, float(numbers.max()))
        if self._binning:
            self._binning.add(numbers)

    def _finite(self, numbers: Floats) -> Floats:
        """NaN counts as missing, like null; infinities count in the outer bins."""
        self._missing += int(np.isnan(numbers).sum())
        self._below += int((numbers == -math.inf).sum())
        self._above += int((numbers == math.inf).sum())
        return numbers[np.isfinite(numbers)]

    def profile(self, *, rows: int, sample: pl.Series | None) -> ColumnProfile:
        has_values = self._rows > 0
        drawn = _finite_of(sample)
        return ColumnProfile(
            self._plan.name,
            self._plan.kind,
            self._plan.type,
            rows,
            self._missing,
            infinite=self._below + self._above,
            edges=self._plan.edges,
            counts=self._counts(),
            sums=tuple(self._binning.sums().tolist()) if self._binning else (),
            low=self._low if has_values else None,
            high=self._high if has_values else None,
            mean=_finite_or_none(self._sum / self._rows) if has_values else None,
            std=_std(drawn),
            quartiles=_quartiles(drawn),
        )

    def _counts(self) -> tuple[int, ...]:
        if self._binning is None:
            return ()
        counts = self._binning.counts()
        counts[0] += self._below
        counts[-1] += self._above
        return tuple(counts.tolist())


def _finite_of(sample: pl.Series | None) -> Floats:
    if sample is None:
        return np.empty(0)
    numbers: Floats = present(sample).to_numpy()
    return numbers[np.isfinite(numbers)]


def _finite_or_none(value: float) -> float | None:
    """None if values such as 1e300 made it infinite."""
    return value if math.isfinite(value) else None


def _std(numbers: Floats) -> float | None:
    with np.errstate(over="ignore", invalid="ignore"):
        return _finite_or_none(float(numbers.std())) if len(numbers) else None


def _quartiles(numbers: Floats) -> tuple[float, float, float] | None:
    if not len(numbers):
        return None
    low, middle, high = np.quantile(numbers, [0.25, 0.5, 0.75], method="inverted_cdf").tolist()
    return low, middle, high
