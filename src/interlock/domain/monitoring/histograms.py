"""Histograms of a column in the reference and in a window, for pictures only."""

from __future__ import annotations

import itertools

from interlock.domain.drift import distances
from interlock.domain.drift.profile import ColumnKind, ColumnProfile
from interlock.domain.monitoring.monitoring_records import Share

MOST = 20
"""Bars of a picture; with so many, ten thousand columns still fit into a record."""


def compare(reference: ColumnProfile, live: ColumnProfile | None) -> tuple[Share, ...]:
    """Return the share of present rows per bin or category, at most MOST of them.

    Numbers are in order, in groups with about equal shares of the reference. Categories are sorted
    by share, the rest is one bar. Empty if one side has no rows or is of another kind.
    """
    if live is None or not reference.present or not live.present or live.kind is not reference.kind:
        return ()
    if reference.kind is ColumnKind.NUMBER:
        return _of_numbers(reference, live)
    if reference.kind is ColumnKind.CATEGORY:
        return _of_categories(reference, live)
    return ()


def _of_numbers(reference: ColumnProfile, live: ColumnProfile) -> tuple[Share, ...]:
    if not reference.edges or reference.edges != live.edges:
        return ()
    groups = distances.groups(reference.counts)
    before, after = (distances.grouped(each.counts, groups) for each in (reference, live))
    # A group begins at the lower edge of its first bin; the first group has no lower edge.
    starts = [place for place, group in enumerate(groups) if place and group != groups[place - 1]]
    cuts = _labels([reference.edges[place - 1] for place in starts])
    labels = [f"{low} to {high}" for low, high in itertools.pairwise(cuts)]
    return _shares([f"below {cuts[0]}", *labels, f"{cuts[-1]} and up"], before, after)


def _labels(numbers: list[float]) -> list[str]:
    """The shortest texts that still differ from one another."""
    choices = ([f"{number:.{digits}g}" for number in numbers] for digits in (4, 6, 9, 17))
    return next(texts for texts in choices if len({*texts}) == len(numbers))


def _of_categories(reference: ColumnProfile, live: ColumnProfile) -> tuple[Share, ...]:
    after = dict(zip(live.values, live.counts, strict=True))
    before = dict(zip(reference.values, reference.counts, strict=True))
    names = sorted(
        {*before, *after},
        key=lambda name: (
            -max(before.get(name, 0) / reference.present, after.get(name, 0) / live.present),
            name,
        ),
    )[: MOST - 1]
    one = [before.get(name, 0) for name in names]
    other = [after.get(name, 0) for name in names]
    rest = (reference.present - sum(one), live.present - sum(other))
    if not any(rest):
        return _shares(names, one, other)
    return _shares([*names, "all others"], [*one, rest[0]], [*other, rest[1]])


def _shares(
    labels: list[str], before: distances.Counts, after: distances.Counts
) -> tuple[Share, ...]:
    rows, others = sum(before), sum(after)
    return tuple(
        Share(label, one / rows, other / others)
        for label, one, other in zip(labels, before, after, strict=True)
    )
