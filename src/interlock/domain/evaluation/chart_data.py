"""What the pictures of a model show, as numbers: counts and bins; nothing is drawn here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Confusion:
    """How many rows of each true class (outer) were called each class (inner)."""

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Per bin of scores: their mean, the share of rows that were right, and how many rows.

    Binary: the score and the share of the positive class. Multiclass: the highest score of a row
    and whether the class that has it is the true one (top-label calibration).
    """

    scores: tuple[float, ...]
    shares: tuple[float, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Residuals:
    """Predictions and their residuals (prediction minus target), of all rows or an even sample."""

    predictions: tuple[float, ...]
    residuals: tuple[float, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Charts:
    """What can be drawn of one predictions file; None where the task or the file has no such."""

    confusion: Confusion | None = None
    calibration: Calibration | None = None
    residuals: Residuals | None = None
