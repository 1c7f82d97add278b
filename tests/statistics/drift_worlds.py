"""Models whose live data is known to have changed, or not: 50 columns, a window a day.

`uv run --no-sync python -m tests.statistics.drift_worlds [MODELS]` prints how often they alarm, for
several sizes of reference and window; 1,000 models of one size take a quarter of an hour.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from interlock.adapters.profiling import column_plans, tallies
from interlock.adapters.profiling.plans import ColumnPlan, Floats
from interlock.domain.drift import comparison, detection
from interlock.domain.drift.measures import WindowMeasure
from interlock.domain.drift.profile import Profile
from interlock.domain.drift.rules import DriftRules
from interlock.domain.drift.status import DriftStatus

COLUMNS, DAYS = 50, 30
MISSING = 0.05
_SHARES = ((0.7, 0.3), (0.4, 0.3, 0.2, 0.1), (0.3, 0.2, 0.15, 0.1, 0.1, 0.07, 0.05, 0.03))

Column = tuple[str, Floats]
Shift = Callable[[np.random.Generator, dict[str, Floats]], None]


@dataclass(frozen=True, slots=True)
class World:
    """Columns in turn: normal with missing values, categories, lognormal, categories."""

    reference_rows: int = 5_000
    window_rows: int = 1_000

    def windows(self, seed: int, *, days: int, shift: Shift | None = None) -> list[WindowMeasure]:
        """Draw a reference and its days, and measure each."""
        chance = np.random.default_rng(seed)
        reference = _columns(chance, self.reference_rows)
        plans = [
            column_plans.plan(
                name, dtype=pl.Float64() if place % 2 == 0 else pl.Int64(), values=values
            )
            for place, (name, values) in enumerate(_series(reference))
        ]
        known = _profile(reference, plans)
        measures = []
        for _ in range(days):
            live = _columns(chance, self.window_rows)
            if shift is not None:
                shift(chance, live)
            measures.append(comparison.compare(known, _profile(live, plans)))
        return measures


def shifted(chance: np.random.Generator, live: dict[str, Floats]) -> None:
    """Half a standard deviation."""
    live["x0"] += 0.5


def moved(chance: np.random.Generator, live: dict[str, Floats]) -> None:
    """10 % of the rows from the commonest of four categories to the next."""
    column = live["x3"]
    (common,) = np.nonzero(column == 0)
    count = round(0.1 * len(column))
    column[chance.choice(common, min(count, len(common)), replace=False)] = 1


def lost(chance: np.random.Generator, live: dict[str, Floats]) -> None:
    """10 points more of missing values."""
    column = live["x4"]
    column[chance.random(len(column)) < 0.1 / (1 - MISSING)] = np.nan


SHIFTS: Mapping[str, tuple[str, Shift]] = {
    "0.5 standard deviations": ("x0", shifted),
    "10 % to another category": ("x3", moved),
    "10 points more missing": ("x4", lost),
}


def alarms(windows: list[WindowMeasure], *, rules: DriftRules) -> bool:
    """Whether any day ends in drift or worse."""
    verdicts = detection.detect(windows, rules=rules).windows
    return any(verdict in {DriftStatus.DRIFT, DriftStatus.BROKEN} for verdict in verdicts)


def finds(windows: list[WindowMeasure], name: str, *, rules: DriftRules) -> bool:
    """Whether that column drifts by the last day."""
    columns = detection.detect(windows, rules=rules).columns
    return any(c.name == name and c.verdict is DriftStatus.DRIFT for c in columns)


def _columns(chance: np.random.Generator, rows: int) -> dict[str, Floats]:
    columns = {}
    for place in range(COLUMNS):
        if place % 2:
            shares = _SHARES[place // 2 % len(_SHARES)]
            values = chance.choice(len(shares), rows, p=shares).astype(np.float64)
        else:
            values = chance.normal(size=rows)
            values = np.exp(values) if place % 4 else values
            values[chance.random(rows) < MISSING] = np.nan
        columns[f"x{place}"] = values
    return columns


def _series(columns: dict[str, Floats]) -> list[tuple[str, pl.Series]]:
    return [(name, pl.Series(name, values, nan_to_null=True)) for name, values in columns.items()]


def _profile(columns: dict[str, Floats], plans: list[ColumnPlan]) -> Profile:
    rows = len(columns["x0"])
    profiles = []
    for plan, (_, values) in zip(plans, _series(columns), strict=True):
        tally = tallies.tally(plan)
        tally.add(values)
        profiles.append(tally.profile(rows=rows, sample=values))
    return Profile(rows, tuple(profiles))


def main(models: int) -> None:
    rules = DriftRules()
    for reference_rows, window_rows in ((5_000, 1_000), (500, 500), (500, 5_000), (2_000, 500)):
        world = World(reference_rows, window_rows)
        false = sum(alarms(world.windows(k, days=DAYS), rules=rules) for k in range(models))
        print(f"reference {reference_rows:,}, windows {window_rows:,} rows, {models} models:")
        print(f"  no drift, {DAYS} days: {false / models:.2%} of models ever alarm", flush=True)
        for result, (name, shift) in SHIFTS.items():
            number = sum(
                finds(world.windows(10**6 + k, days=3, shift=shift), name, rules=rules)
                for k in range(models)
            )
            print(f"  {result}: found within 3 days in {number / models:.1%}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
