"""The rules of drift detection, as a manifest or an option sets them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """The size of a change that must be detected; see `detection.THRESHOLDS`."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class Persistence:
    """A column must differ in `needed` of the last `among` windows."""

    needed: int = 2
    among: int = 3

    def __str__(self) -> str:
        return f"{self.needed} of {self.among}"


def persistence(text: str) -> Persistence | None:
    """Parse a text such as "2 of 3"; None if it is not valid."""
    match = re.fullmatch(r"\s*([0-9]{1,2})\s+of\s+([0-9]{1,2})\s*", text)
    if match is None:
        return None
    needed, among = int(match[1]), int(match[2])
    return Persistence(needed, among) if 1 <= needed <= among else None


@dataclass(frozen=True, slots=True)
class DriftRules:
    """`level` is the share of false findings in a window, over all of its columns."""

    effect: Effect = Effect.MEDIUM
    persist: Persistence = Persistence()
    missing_max_increase: float = 0.05
    level: float = 0.01
    min_rows: int = 100
