"""The smallest difference that a number of rows can detect, and the rows that a margin needs.

The smallest difference is half the width of its interval: the interval of a smaller one contains 0.
The width falls with the square root of the number of rows, so that a margin m needs n (h / m)^2
rows if n rows have the half-width h. A gate `max_drop` or `max_rise` is a test of non-inferiority,
and its limit is the non-inferiority margin (Wellek 2010, Testing Statistical Hypotheses of
Equivalence and Noninferiority, chapter 5).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import NormalDist

from interlock.domain.basics import figures
from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation import thresholds
from interlock.domain.evaluation.verdict import Comparison, Finding
from interlock.domain.model.manifest import GateRule

MOST_ROWS = 1_000_000_000
"""More rows than this are not practical, so they are not suggested."""
_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Resolution:
    """`smallest` is in the metric's own unit, as is `margin`, None if no gate has one.
    `rows_needed` for the margin is rounded up to two digits; None without a margin, and for one
    that no number of rows resolves."""

    rows: int
    smallest: float
    margin: float | None = None
    rows_needed: int | None = None

    @property
    def sentence(self) -> str:
        """`with 750 rows, differences below about 0.015 cannot be resolved; …`."""
        text = f"with {self.rows:,} rows, differences below about {_about(self.smallest)}"
        return f"{text} cannot be resolved{self._margin()}"

    @property
    def is_enough(self) -> bool:
        """True if the rows are enough to resolve the margin, and without a margin."""
        return self.margin is None or self.margin >= self.smallest

    def _margin(self) -> str:
        if self.margin is None:
            return ""
        name = f"a non-inferiority margin of {figures.significant(self.margin)}"
        if self.is_enough:
            return f", and {name} can"
        if self.rows_needed is None:
            return f"; {name} cannot be resolved by any number of rows"
        return f"; {name} needs about {self.rows_needed:,} rows"


def find(
    interval: Interval | None, *, rows: int | None, margin: float | None = None
) -> Resolution | None:
    """Return the resolution of `rows` rows; None if the interval is unknown or empty."""
    if interval is None or not rows:
        return None
    smallest = (interval.high - interval.low) / 2
    if not math.isfinite(smallest) or smallest <= 0:
        return None
    return Resolution(rows, smallest, margin, _needed(smallest, rows, margin))


def of_finding(finding: Finding) -> Resolution | None:
    """Return the resolution of a gate's rows; None for a gate without a comparison."""
    rule = finding.rule
    margin = rule.max_rise if rule.max_drop is None else rule.max_drop
    return None if margin is None else find(finding.interval, rows=finding.rows, margin=margin)


def foresee(rule: GateRule, known: Iterable[Comparison]) -> Iterator[tuple[str, Resolution]]:
    """Yield the name and resolution of each metric for which a gate needs more rows than an earlier
    comparison had. The width of an interval at another confidence follows a normal distribution."""
    margin = rule.max_rise if rule.max_drop is None else rule.max_drop
    for place in known if margin is not None else ():
        if place.metric == rule.metric and place.slice == (rule.slice or ""):
            wide = _widened(place.interval, confidence=rule.confidence)
            resolution = find(wide, rows=place.rows, margin=margin)
            if resolution is not None and not resolution.is_enough:
                yield thresholds.name(place), resolution


def _widened(interval: Interval | None, *, confidence: float) -> Interval | None:
    if interval is None:
        return None
    ratio = _quantile(confidence) / _quantile(interval.confidence)
    middle = (interval.low + interval.high) / 2
    half = (interval.high - interval.low) / 2 * ratio
    return Interval(middle - half, middle + half, confidence)


def _quantile(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)


def _needed(smallest: float, rows: int, margin: float | None) -> int | None:
    if not margin:
        return None
    needed = rows * (smallest / margin) ** 2
    if needed > MOST_ROWS:
        return None
    scale: int = 10 ** max(0, len(str(math.ceil(needed))) - _DIGITS)
    return math.ceil(needed / scale) * scale


def _about(value: float) -> str:
    return figures.significant(float(f"{value:.{_DIGITS}g}"))
