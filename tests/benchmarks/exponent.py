"""Fits cost = a + b · size^k to measured costs: k is the growth of a verb."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

_CONSTANT = 0.2
"""A part that grows by less than this share of the whole cost is not distinguishable from noise."""
_EXPONENTS = np.arange(0.05, 3.0, 0.05)


def fit(costs: Mapping[int, float]) -> float:
    """Return the exponent, 0 for a cost that does not grow.

    `costs` maps a size to seconds or to a count, all positive. The sizes should be at least three,
    each a multiple of the one before. Raises ValueError for fewer.
    """
    if len(costs) < 3:
        raise ValueError(f"an exponent needs three sizes, and there are {len(costs)}")
    sizes, measured = np.array(list(costs), float), np.array(list(costs.values()), float)
    if measured.max() - measured[sizes.argmin()] < _CONSTANT * measured.max():
        return 0.0
    errors = [_error(sizes / sizes.max(), measured, exponent) for exponent in _EXPONENTS]
    return float(_EXPONENTS[int(np.argmin(errors))])


def _error(sizes: np.ndarray, measured: np.ndarray, exponent: float) -> float:
    """The relative error of the best a >= 0 and b >= 0 for one exponent."""
    power = sizes**exponent
    shapes = (np.column_stack([np.ones_like(power), power]), power[:, None])
    errors = []
    for shape in shapes:
        factors, *_ = np.linalg.lstsq(shape / measured[:, None], np.ones_like(power), rcond=None)
        if factors.min() >= 0:
            errors.append(float(np.square(shape @ factors / measured - 1).sum()))
    return min(errors, default=np.inf)
