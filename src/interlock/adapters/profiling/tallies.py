"""Counts columns batch by batch into their profiles; how is in their plans."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import polars as pl

from interlock.adapters.profiling.binning import Binning
from interlock.adapters.profiling.plans import Floats, Plan, label
from interlock.adapters.profiling.sampling import Sample
from interlock.adapters.profiling.sources import Sources
from interlock.domain.drift.profile import ColumnProfile, Kind

QUARTILE_ROWS, CELLS = 10_000, 2_000_000
"""Rows that quartiles are taken of, fewer where there are many columns."""
STRANGERS, REMEMBERED = 5, 1_000


class Tally(Protocol):
    def add(self, values: pl.Series) -> None: ...
    def profile(self, *, rows: int, sample: pl.Series | None) -> ColumnProfile: ...


def count(files: Sources, plans: Sequence[Plan]) -> list[ColumnProfile]:
    """Read the columns once, and return their profiles in the order of the plans."""
    tallies = [_tally(plan) for plan in plans]
    numbers = [plan.name for plan in plans if plan.kind is Kind.NUMBER]
    sample = Sample(max(1_000, min(QUARTILE_ROWS, CELLS // max(1, len(numbers)))))
    for batch in files.batches([plan.expression() for plan in plans]):
        for plan, tally in zip(plans, tallies, strict=True):
            tally.add(batch[plan.name])
        sample.add(batch.select(numbers))
    drawn = sample.rows()
    columns = {} if drawn is None else {column.name: column for column in drawn}
    return [
        tally.profile(rows=files.rows, sample=columns.get(plan.name))
        for plan, tally in zip(plans, tallies, strict=True)
    ]


def _tally(plan: Plan) -> Tally:
    if plan.kind is Kind.NUMBER:
        return NumberTally(plan)
    return CategoryTally(plan) if plan.kind is Kind.CATEGORY else MissingTally(plan)


class MissingTally:
    """Counts what is missing, of a column that says so for every row."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._missing = plan, 0

    def add(self, values: pl.Series) -> None:
        self._missing += int(values.sum())

    def profile(self, *, rows: int, sample: pl.Series | None) -> ColumnProfile:
        return ColumnProfile(self._plan.name, self._plan.kind, self._plan.type, rows, self._missing)


class CategoryTally:
    """Counts the plan's values one by one and all others together."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._missing, self._other = plan, 0, 0
        self._counts = dict.fromkeys(plan.values, 0)
        self._strangers: Counter[str] = Counter()

    def add(self, values: pl.Series) -> None:
        self._missing += values.null_count()
        counted = values.drop_nulls().value_counts(name="rows")
        for value, rows in zip(
            counted.to_series(0).to_list(), counted.to_series(1).to_list(), strict=True
        ):
            name = label(value)
            if name in self._counts:
                self._counts[name] += rows
                continue
            self._other += rows
            if name in self._strangers or len(self._strangers) < REMEMBERED:
                self._strangers[name] += rows

    def profile(self, *, rows: int, sample: pl.Series | None) -> ColumnProfile:
        common = sorted(self._strangers.items(), key=lambda pair: (-pair[1], pair[0]))
        return ColumnProfile(
            self._plan.name,
            self._plan.kind,
            self._plan.type,
            rows,
            self._missing,
            values=tuple(self._counts),
            counts=tuple(self._counts.values()),
            other=self._other,
            strangers=tuple(name for name, _ in common[:STRANGERS]),
        )


class NumberTally:
    """Bins, sums and moments; a column without edges has nothing to be compared with."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._missing, self._infinite = plan, 0, 0
        self._binning = Binning(plan.edges) if plan.edges else None
        self._rows, self._mean, self._square = 0, 0.0, 0.0
        self._low, self._high = math.inf, -math.inf

    def add(self, values: pl.Series) -> None:
        numbers = values.drop_nulls().to_numpy()
        if not math.isfinite(numbers.sum()):
            numbers = self._finite(numbers)
        self._missing += values.null_count()
        if not len(numbers):
            return
        if self._binning:
            self._binning.add(numbers)
        self._low = min(self._low, float(numbers.min()))
        self._high = max(self._high, float(numbers.max()))
        self._moments(numbers)

    def _finite(self, numbers: Floats) -> Floats:
        """NaN is missing, as null is; infinities are put into the outer bins."""
        is_nan = np.isnan(numbers)
        self._missing += int(is_nan.sum())
        finite = numbers[np.isfinite(numbers)]
        below, above = (int((numbers == end).sum()) for end in (-math.inf, math.inf))
        self._infinite += below + above
        if self._binning:
            self._binning.counts[0] += below
            self._binning.counts[-1] += above
        return finite

    def _moments(self, numbers: Floats) -> None:
        """Joins the batch's mean and squares with those so far (Chan, Golub & LeVeque 1983)."""
        rows, mean = len(numbers), float(numbers.mean())
        centred = numbers - mean
        apart, total = mean - self._mean, self._rows + rows
        self._square += float(centred @ centred) + apart * apart * self._rows * rows / total
        self._mean += apart * rows / total
        self._rows = total

    def profile(self, *, rows: int, sample: pl.Series | None) -> ColumnProfile:
        has_values = self._rows > 0
        binning = self._binning
        return ColumnProfile(
            self._plan.name,
            self._plan.kind,
            self._plan.type,
            rows,
            self._missing,
            infinite=self._infinite,
            edges=self._plan.edges,
            counts=tuple(binning.counts.tolist()) if binning else (),
            sums=tuple(binning.sums.tolist()) if binning else (),
            low=self._low if has_values else None,
            high=self._high if has_values else None,
            mean=_told(self._mean) if has_values else None,
            std=_told(math.sqrt(self._square / self._rows)) if has_values else None,
            quartiles=_quartiles(sample) if has_values and sample is not None else None,
        )


def _told(value: float) -> float | None:
    """None where values of 1e300 made it infinite."""
    return value if math.isfinite(value) else None


def _quartiles(sample: pl.Series) -> tuple[float, float, float] | None:
    numbers = sample.drop_nulls().to_numpy()
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return None
    low, middle, high = np.quantile(numbers, [0.25, 0.5, 0.75]).tolist()
    return low, middle, high
