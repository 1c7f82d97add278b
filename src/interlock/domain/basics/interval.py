"""A confidence interval of a metric, or of a difference between two."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval of the difference candidate minus champion, unless its owner defines another.

    `low` and `high` have the unit of the metric; `confidence` is a share such as 0.95.
    """

    low: float
    high: float
    confidence: float
