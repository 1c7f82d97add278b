"""The data of a model's plots: counts and bins."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Confusion:
    """How many rows of each true class (outer) were predicted as each class (inner)."""

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Calibration:
    """For each bin of scores: their mean, the share of correct rows, and the number of rows.

    Binary: the score and the share of the positive class. Multiclass: the highest score of a row,
    and the share of rows in which its class is the true one (top-label calibration).
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
    """The plots of one predictions file; None for one that the task or the file does not have."""

    confusion: Confusion | None = None
    calibration: Calibration | None = None
    residuals: Residuals | None = None
