"""Compares a column of numbers with the reference."""

from __future__ import annotations

import math
from dataclasses import replace

from interlock.domain.drift import distances, significance
from interlock.domain.drift.measures import ColumnMeasure, ColumnProblem
from interlock.domain.drift.profile import ColumnProfile

ENOUGH = 30
"""Rows that quartiles need to show a change of unit."""
NEAR = 0.25
"""Tolerance for a change of unit: the distance of the rescaled live quartiles to the reference, in
gaps between quartiles. Their standard error is a tenth of a gap at a hundred rows."""
_NORMAL = 1.349
"""The interquartile range of a normal distribution, in standard deviations."""


def measure(missing: ColumnMeasure, reference: ColumnProfile, live: ColumnProfile) -> ColumnMeasure:
    """Add the statistics of the values; both sides have some."""
    if not reference.edges:
        return missing
    effect = distances.kolmogorov_smirnov(reference.counts, live.counts)
    groups = distances.groups(reference.counts)
    deciles = [distances.grouped(each.counts, groups) for each in (reference, live)]
    unit = _power_of_ten(reference, live)
    return replace(
        missing,
        problem=ColumnProblem.UNIT if unit else None,
        detail=f"{10.0**unit:g}" if unit else missing.detail,
        effect=effect,
        p_value=significance.kolmogorov_smirnov(
            effect, reference=reference.present, live=live.present
        ),
        psi=distances.stability_index(*deciles),
        jensen_shannon=distances.jensen_shannon(*deciles),
        wasserstein=_wasserstein(reference, live),
        outside=_outside(reference, live),
        mean_shift=_mean_shift(reference, live),
    )


def spread(column: ColumnProfile) -> float:
    """Return the scale of distances; 0 for a constant.

    For a normal column the interquartile range is as good as the standard deviation, and outliers
    do not change it.
    """
    if column.quartiles and column.quartiles[2] > column.quartiles[0]:
        return (column.quartiles[2] - column.quartiles[0]) / _NORMAL
    return column.std or 0.0


def _wasserstein(reference: ColumnProfile, live: ColumnProfile) -> float | None:
    """None if the area is infinite or the scale is 0."""
    scale = spread(reference)
    if reference.infinite or live.infinite or not scale:
        return None
    area = distances.wasserstein(
        (reference.counts, reference.sums), (live.counts, live.sums), edges=reference.edges
    )
    return _finite(area / scale)


def _mean_shift(reference: ColumnProfile, live: ColumnProfile) -> float | None:
    scale = spread(reference)
    if reference.mean is None or live.mean is None or not scale:
        return None
    return _finite((live.mean - reference.mean) / scale)


def _outside(reference: ColumnProfile, live: ColumnProfile) -> float:
    """The outer bins are for values far from those that defined the edges."""
    inside, now = (
        (column.counts[0] + column.counts[-1]) / column.present for column in (reference, live)
    )
    return max(0.0, now - inside)


def _power_of_ten(reference: ColumnProfile, live: ColumnProfile) -> int:
    """The power of ten between the units of window and reference; 0 if the unit is the same."""
    if reference.quartiles is None or live.quartiles is None or live.present < ENOUGH:
        return 0
    before, now = (max(map(abs, each.quartiles or ())) for each in (reference, live))
    if not before or not now:
        return 0
    power = round(math.log10(now) - math.log10(before))
    low, middle, high = reference.quartiles
    least = NEAR * before / 10  # a constant has no gaps
    lower, upper = middle - low, high - middle
    gaps = (lower, min(lower, upper), upper)
    near = (
        abs(then / 10.0**power - once) <= max(NEAR * gap, least)
        for once, then, gap in zip(reference.quartiles, live.quartiles, gaps, strict=True)
    )
    return power if power and all(near) else 0


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
