"""A column of numbers in a window, against the reference; what passes for drift is not known."""

from __future__ import annotations

import math
from dataclasses import replace

from interlock.domain.drift import distances, significance
from interlock.domain.drift.measures import ColumnMeasure, ColumnProblem
from interlock.domain.drift.profile import ColumnProfile

ENOUGH = 30
"""Rows from which quartiles say what unit they are in."""
NEAR = 0.25
"""How near live quartiles, scaled back, must come to be another unit: in gaps between them, of
which their own standard error is a tenth at a hundred rows."""
_NORMAL = 1.349
"""The interquartile range of a normal distribution, in standard deviations."""


def measure(found: ColumnMeasure, reference: ColumnProfile, live: ColumnProfile) -> ColumnMeasure:
    """Return `found` with what the values show; both have some."""
    if not reference.edges:
        return found
    effect = distances.kolmogorov_smirnov(reference.counts, live.counts)
    groups = distances.groups(reference.counts)
    deciles = [distances.grouped(each.counts, groups) for each in (reference, live)]
    unit = _power_of_ten(reference, live)
    return replace(
        found,
        problem=ColumnProblem.UNIT if unit else None,
        detail=f"{10.0**unit:g}" if unit else found.detail,
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
    """Return the scale that distances are told in; 0 for a constant.

    The interquartile range tells it of a normal column as well as the standard deviation does, and
    an outlier does not move it.
    """
    if column.quartiles and column.quartiles[2] > column.quartiles[0]:
        return (column.quartiles[2] - column.quartiles[0]) / _NORMAL
    return column.std or 0.0


def _wasserstein(reference: ColumnProfile, live: ColumnProfile) -> float | None:
    """None where the area would be infinite, or there is nothing to scale it by."""
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
    """The outer bins hold what lies far from all that the edges were made of."""
    inside, now = (
        (column.counts[0] + column.counts[-1]) / column.present for column in (reference, live)
    )
    return max(0.0, now - inside)


def _power_of_ten(reference: ColumnProfile, live: ColumnProfile) -> int:
    """The exponent by which the window is the reference in another unit; 0 for none."""
    if reference.quartiles is None or live.quartiles is None or live.present < ENOUGH:
        return 0
    before, now = (max(map(abs, each.quartiles or ())) for each in (reference, live))
    if not before or not now:
        return 0
    power = round(math.log10(now) - math.log10(before))
    low, middle, high = reference.quartiles
    least = NEAR * before / 10  # what is constant has no gaps
    lower, upper = middle - low, high - middle
    gaps = (lower, min(lower, upper), upper)
    near = (
        abs(then / 10.0**power - once) <= max(NEAR * gap, least)
        for once, then, gap in zip(reference.quartiles, live.quartiles, gaps, strict=True)
    )
    return power if power and all(near) else 0


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
