"""Compares a metric with the champion's in words and figures; without Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from interlock.domain.basics import figures
from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation import thresholds
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model import metrics
from interlock.domain.model.manifest import Better


class Direction(StrEnum):
    """The direction in which a candidate's number differs. It is PERHAPS so if 0 is within the
    interval, HIGHER or LOWER for a metric of the pipeline's own without a direction in a gate."""

    UNCHANGED = "unchanged"
    BETTER = "better"
    WORSE = "worse"
    PERHAPS_BETTER = "perhaps better"
    PERHAPS_WORSE = "perhaps worse"
    HIGHER = "higher"
    LOWER = "lower"


_GOOD = {True: Direction.BETTER, False: Direction.WORSE}
_DOUBTFUL = {True: Direction.PERHAPS_BETTER, False: Direction.PERHAPS_WORSE}


def change(row: Comparison) -> Direction | None:
    """Return the change by the metric's own direction; None if nothing was compared."""
    if row.difference is None:
        return None
    if row.difference == 0:
        return Direction.UNCHANGED
    rises = row.difference > 0
    better = better_of(row)
    if better is None:
        return Direction.HIGHER if rises else Direction.LOWER
    bounds = row.interval
    is_sure = bounds is None or bounds.low > 0 or bounds.high < 0
    return (_GOOD if is_sure else _DOUBTFUL)[rises is (better is Better.GREATER)]


def better_of(row: Comparison) -> Better | None:
    """Return the better direction of a metric, None if it is unknown."""
    metric = metrics.METRICS.get(row.metric)
    if metric is None:
        return row.better
    return Better.GREATER if metric.greater_is_better else Better.SMALLER


def against(row: Comparison, rival: str) -> str:
    """Write a comparison: `f1_macro 0.985, better than version 1: +0.021 [+0.012, +0.031]`, or the
    reason why there is none."""
    direction = change(row)
    if direction is None:
        why = f" ({row.problem})" if row.problem else ""
        return f"{measured(row)}, not comparable with {rival}{why}"
    moved = difference(row) if row.difference else ""
    figure = " ".join(filter(None, (moved, interval(row))))
    link = "from" if direction is Direction.UNCHANGED else "than"
    return f"{measured(row)}, {direction} {link} {rival}" + (f": {figure}" if figure else "")


def measured(row: Comparison) -> str:
    """Write `f1 of class fraud 0.985`: the metric, its positive class if it has one, the number."""
    return f"{thresholds.name(row)} {value(row)}"


def value(row: Comparison) -> str:
    return figures.visible(row.candidate, decimals=decimals(row))


def champion(row: Comparison) -> str:
    return figures.visible(row.champion, decimals=decimals(row))


def whole(row: Comparison) -> str:
    """The candidate's number over all of its own rows; "" if it is the same number."""
    if not row.is_part or row.whole is None:
        return ""
    return figures.visible(row.whole, decimals=decimals(row))


def difference(row: Comparison, edges: Iterable[float] = ()) -> str:
    """Write `+0.021`, `unchanged`, or a dash if nothing was compared. A number near a limit in
    `edges` must not look like that limit."""
    if not row.difference:
        return "–" if row.difference is None else Direction.UNCHANGED.value
    return figures.difference(row.difference, decimals=decimals(row, edges))


def interval(row: Comparison, edges: Iterable[float] = ()) -> str:
    """Write `[+0.012, +0.031]`; "" without an interval, and for a metric without sampling error."""
    bounds = _interval(row)
    return "" if bounds is None else figures.interval(bounds, decimals=decimals(row, edges))


def _interval(row: Comparison) -> Interval | None:
    bounds = row.interval
    return None if bounds is None or bounds.low == bounds.high else bounds


def decimals(row: Comparison, edges: Iterable[float] = ()) -> int:
    """Return the decimals for all numbers of the row, so that they can be compared."""
    bounds, moved = _interval(row), row.difference
    if bounds is None:
        least = figures.decimals_of([row.candidate, row.champion], apart=())
        return max(least, figures.decimals_of([moved], apart=(0.0, *edges))) if moved else least
    width, ends = bounds.high - bounds.low, (bounds.low, bounds.high)
    shown = max(
        figures.decimals_of([moved], width=width),
        figures.decimals_of([moved, *ends], width=width, apart=edges),
    )
    # One more digit for an end next to zero shows its sign; a very small end gets no more digits.
    closer = figures.decimals_of(ends, width=width)
    return closer if closer == shown + 1 else shown
