"""Distances between two distributions, as counts on the same bins or categories.

The reference always comes first.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

GROUPS = 10
"""Groups of about equal reference mass for PSI: deciles, as usual."""

Counts = Sequence[float]


def kolmogorov_smirnov(reference: Counts, live: Counts) -> float:
    """Return the largest distance of the two distribution functions at the bins' edges."""
    rows, others = sum(reference), sum(live)
    pairs = zip(itertools.accumulate(reference), itertools.accumulate(live), strict=True)
    return max(abs(one / rows - other / others) for one, other in pairs)


def total_variation(reference: Counts, live: Counts) -> float:
    """Return the share of rows that would have to move to make one of the other."""
    rows, others = sum(reference), sum(live)
    pairs = zip(reference, live, strict=True)
    return math.fsum(abs(one / rows - other / others) for one, other in pairs) / 2


def stability_index(reference: Counts, live: Counts) -> float:
    """Return the population stability index: the sum of (q - p) ln(q / p).

    Half a row is added to every cell of both, so that an empty one does not make it infinite.
    """
    rows, others = (sum(counts) + len(counts) / 2 for counts in (reference, live))
    total = 0.0
    for one, other in zip(reference, live, strict=True):
        p, q = (one + 0.5) / rows, (other + 0.5) / others
        total += (q - p) * math.log(q / p)
    return total


def jensen_shannon(reference: Counts, live: Counts) -> float:
    """Return the Jensen–Shannon distance in [0, 1]: the root of the divergence, base 2."""
    rows, others = sum(reference), sum(live)
    total = 0.0
    for one, other in zip(reference, live, strict=True):
        p, q = one / rows, other / others
        middle = (p + q) / 2
        total += sum(share * math.log2(share / middle) for share in (p, q) if share > 0) / 2
    return math.sqrt(min(1.0, max(0.0, total)))


def groups(reference: Counts, *, most: int = GROUPS) -> tuple[int, ...]:
    """Return the group of every bin, by the share of the reference up to its middle: neighbours are
    joined, a bin with many rows stays alone."""
    rows = sum(reference)
    ends = itertools.accumulate(reference)
    middles = (end - count / 2 for end, count in zip(ends, reference, strict=True))
    return tuple(min(most - 1, int(most * middle / rows)) for middle in middles)


def grouped(counts: Counts, groups: Sequence[int]) -> tuple[float, ...]:
    """Add up the counts of each group."""
    places = {group: place for place, group in enumerate(dict.fromkeys(groups))}
    sums = [0.0] * len(places)
    for count, group in zip(counts, groups, strict=True):
        sums[places[group]] += count
    return tuple(sums)


def wasserstein(
    reference: tuple[Counts, Counts], live: tuple[Counts, Counts], *, edges: Sequence[float]
) -> float:
    """Return the area between two distribution functions, of (counts, sums of values) per bin.

    Within a bin, the integral of a distribution function follows from its ends and the sum of its
    values (integration by parts), also in the tails. It is exact unless the two functions cross
    within a bin: then the areas on both sides cancel.
    """
    areas = zip(_areas(*reference, edges=edges), _areas(*live, edges=edges), strict=True)
    return math.fsum(abs(one - other) for one, other in areas)


def _areas(counts: Counts, sums: Counts, *, edges: Sequence[float]) -> list[float]:
    """Integrals per bin: of F below the first edge, of F between edges, of F - 1 above the last."""
    rows, below = sum(counts), 0.0
    areas = []
    for place, (count, total) in enumerate(zip(counts, sums, strict=True)):
        share, mean = count / rows, total / rows
        is_last = place == len(edges)
        # The origin is an edge of the bin: far from zero, precision would be lost otherwise.
        origin = edges[place - 1] if is_last else edges[place]
        inside = origin * share - mean
        width = 0.0 if is_last or place == 0 else edges[place] - edges[place - 1]
        areas.append(inside + below * width)
        below += share
    return areas
