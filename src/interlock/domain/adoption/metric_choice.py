"""Chooses the primary metric among the numbers of a pipeline, its direction and its margin."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from interlock.domain.adoption import name_words

_GREATER = (
    "f1 accuracy acc auc auroc roc ap map prec precision recall r2 ndcg mrr iou dice bleu rouge "
    "exact match kappa mcc hit hits score top1"
)
_SMALLER = "rmse mae mape smape mse medae wer cer perplexity logloss brier pinball error loss"
_HELD_OUT = name_words.split("test eval evaluation holdout val valid validation")
_TRAINED_ON = name_words.split("train training")
_MARGIN = 0.02
_DIGITS = 3


@dataclass(frozen=True, slots=True)
class MetricChoice:
    """The metric with the dotted key `name`, its value today, and the change that is allowed.
    `rows` is the number of rows that it was computed from, 0 if it is unknown."""

    name: str
    value: float
    greater_is_better: bool
    rows: int = 0

    @property
    def margin(self) -> float:
        """Two percent of the value, or of 1 for a share near 0; to one digit. More if the rows are
        few: 1/√n is the greatest half-width of the 95 % interval of a share of n rows
        (1.96 √(p (1-p) / n), the normal approximation, at p = 1/2)."""
        size = abs(self.value) if abs(self.value) > _MARGIN else 1.0
        share = max(_MARGIN, 1 / math.sqrt(self.rows)) if self.rows else _MARGIN
        return float(f"{share * size:.1g}")

    @property
    def limit(self) -> float:
        """Today's value, less (or plus) the margin, rounded to the lenient side."""
        shifted = self.value - self.margin if self.greater_is_better else self.value + self.margin
        return _round(shifted, down=self.greater_is_better)


def choose(numbers: Mapping[str, float]) -> MetricChoice | None:
    """Return the best known metric, of held-out rows if there is one; None if no name is known."""
    known = [name for name in numbers if direction(name) is not None]
    if not known:
        return None
    best = min(known, key=_rank)
    return MetricChoice(best, numbers[best], bool(direction(best)))


def direction(name: str) -> bool | None:
    """True if more of a metric is better, False if less is, None if its name says neither."""
    parts = name_words.split(name)
    if parts & name_words.split(_SMALLER):
        return False
    return True if parts & name_words.split(_GREATER) else None


def _rank(name: str) -> tuple[int, int, str]:
    parts = name_words.split(name)
    place = 0 if parts & _HELD_OUT else 2 if parts & _TRAINED_ON else 1
    order = [*_GREATER.split(), *_SMALLER.split()]
    return place, min(order.index(part) for part in parts if part in order), name


def _round(value: float, *, down: bool) -> float:
    """Round to three significant digits, down or up."""
    if value == 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - _DIGITS + 1)
    steps = math.floor(value / unit) if down else math.ceil(value / unit)
    return float(f"{steps * unit:.{_DIGITS}g}")
