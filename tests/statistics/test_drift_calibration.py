"""How often drift is change where there is none, and found where there is; seeded, and small.

`python -m tests.statistics.drift_worlds 1000` draws as many as a claim of 1 % needs; what it
printed is in docs/explanation/drift.md.
"""

from __future__ import annotations

import pytest

from interlock.domain.drift import detection
from interlock.domain.drift.measures import WindowMeasure
from interlock.domain.drift.rules import DriftRules, Persistence
from interlock.domain.drift.status import DriftStatus
from tests.statistics import drift_worlds as worlds

RULES = DriftRules()
QUIET, MOVED = 3, 5


@pytest.fixture(scope="module")
def quiet() -> list[list[WindowMeasure]]:
    return [worlds.World().windows(seed, days=worlds.DAYS) for seed in range(QUIET)]


def test_no_drift__alarms_nobody(quiet: list[list[WindowMeasure]]) -> None:
    alarms = sum(worlds.alarms(windows, rules=RULES) for windows in quiet)
    print(f"{alarms} of {QUIET} models alarm in {worlds.DAYS} days of {worlds.COLUMNS} columns")
    assert alarms == 0
    verdicts = [v for windows in quiet for v in detection.detect(windows, rules=RULES).windows]
    watched = sum(verdict is DriftStatus.WARNING for verdict in verdicts)
    print(f"{watched} of {len(verdicts)} windows are watched")
    assert watched <= 0.05 * len(verdicts)


def test_no_drift__alarms_everybody_without_the_rules(
    quiet: list[list[WindowMeasure]],
) -> None:
    """The worlds are noisy enough to show what correction and persistence are for."""
    lax = DriftRules(level=0.99, persist=Persistence(1, 1), missing_max_increase=0.01)
    assert all(worlds.alarms(windows, rules=lax) for windows in quiet)


@pytest.mark.parametrize("change", worlds.SHIFTS)
def test_medium_shift__in_one_column_is_found_within_three_days(change: str) -> None:
    name, shift = worlds.SHIFTS[change]
    number = sum(
        worlds.finds(worlds.World().windows(seed, days=3, shift=shift), name, rules=RULES)
        for seed in range(100, 100 + MOVED)
    )
    print(f"{change}: found in {number} of {MOVED} models")
    assert number == MOVED
