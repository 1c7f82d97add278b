"""A column of categories in a window, against the reference; no verdict may enter."""

from __future__ import annotations

from dataclasses import replace

from interlock.domain.drift import distances, significance
from interlock.domain.drift.measure import ColumnMeasure
from interlock.domain.drift.profile import ColumnProfile

LEAST_EXPECTED = 5
"""Rows that a cell must expect in both samples for chi-square's limit to hold (Cochran 1954); those
with fewer are counted together."""
MISSED = 10
"""Rows that a category must have been expected in to be named as vanished: by chance none of ten
comes once in 22,000 times."""
_NAMED = 3


def measured(found: ColumnMeasure, reference: ColumnProfile, live: ColumnProfile) -> ColumnMeasure:
    """Return `found` with what the values show; both have some."""
    cells = _cells(reference, live)
    statistic, degrees = significance.chi_square(*cells)
    return replace(
        found,
        detail=_words(reference, live),
        effect=distances.total_variation(*cells),
        p_value=significance.chi_square_tail(statistic, degrees=degrees),
        psi=distances.stability_index(*cells),
        jensen_shannon=distances.jensen_shannon(*cells),
        chi_square=statistic,
        unseen=None if reference.other else live.other / live.present,
        vanished=sum(count for _, count in _gone(reference, live, least=0)) / reference.present,
    )


def _cells(
    reference: ColumnProfile, live: ColumnProfile
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Counts of the common categories, and of all others together."""
    share = min(reference.present, live.present) / (reference.present + live.present)
    rest = [float(reference.other), float(live.other)]
    common = []
    for pair in zip(reference.counts, live.counts, strict=True):
        if sum(pair) * share >= LEAST_EXPECTED:
            common.append(pair)
        else:
            rest = [rest[0] + pair[0], rest[1] + pair[1]]
    one, other = zip(*common, rest, strict=True)
    return tuple(map(float, one)), tuple(map(float, other))


def _gone(reference: ColumnProfile, live: ColumnProfile, *, least: float) -> list[tuple[str, int]]:
    """Categories that no live row has, of which at least so many rows were expected."""
    return [
        (value, count)
        for value, count, now in zip(reference.values, reference.counts, live.counts, strict=True)
        if now == 0 and count / reference.present * live.present >= least
    ]


def _words(reference: ColumnProfile, live: ColumnProfile) -> str:
    gone = [value for value, _ in _gone(reference, live, least=MISSED)]
    new = () if reference.other else live.strangers
    parts = []
    if new:
        parts.append(f"new: {', '.join(map(repr, new[:_NAMED]))}")
    if gone:
        parts.append(f"vanished: {', '.join(map(repr, gone[:_NAMED]))}")
    return "; ".join(parts)
