"""Statistical tests: p-values of differences.

The standard library has only the normal distribution; Kolmogorov's and chi-square's are here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

_TERMS = 100
_TINY = 1e-300
_ENOUGH = 1e-13
_SURE = 1 - 1e-9
_NORMAL = NormalDist()


def kolmogorov_smirnov(distance: float, *, reference: int, live: int) -> float:
    """Return the two-sample p-value of a largest distance between two distribution functions.

    Kolmogorov's limit with Stephens' correction for small samples (1970; Numerical Recipes, 3rd
    edition, 14.3.3). Conservative for tied values and for bins.
    """
    root = math.sqrt(reference * live / (reference + live))
    x = (root + 0.12 + 0.11 / root) * distance
    if x < 0.3:
        return 1.0  # 1 - 1e-5, and the series below converges slowly
    terms = ((-1) ** (k - 1) * math.exp(-2 * k * k * x * x) for k in range(1, _TERMS))
    return min(1.0, max(0.0, 2 * math.fsum(terms)))


def chi_square(reference: Sequence[float], live: Sequence[float]) -> tuple[float, int]:
    """Return the statistic of the hypothesis that two samples of counts have one distribution, and
    its degrees of freedom (Pearson; Numerical Recipes, 3rd edition, 14.3.1 for unequal sizes).

    Cells that are empty in both samples are left out.
    """
    rows, others = sum(reference), sum(live)
    statistic, cells = 0.0, 0
    for one, other in zip(reference, live, strict=True):
        if one + other > 0:
            expected_share = (one + other) / (rows + others)
            statistic += (one - rows * expected_share) ** 2 / (rows * expected_share)
            statistic += (other - others * expected_share) ** 2 / (others * expected_share)
            cells += 1
    return statistic, max(0, cells - 1)


def chi_square_tail(statistic: float, *, degrees: int) -> float:
    """Return the probability of a statistic at least this large: the regularised upper incomplete
    gamma function Q(degrees / 2, statistic / 2) (Numerical Recipes, 6.2)."""
    if degrees < 1 or statistic <= 0:
        return 1.0
    a, x = degrees / 2, statistic / 2
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        return min(1.0, max(0.0, 1 - scale * _series(a, x)))
    return min(1.0, scale * _fraction(a, x))


def _series(a: float, x: float) -> float:
    term = total = 1 / a
    while term > total * _ENOUGH:
        a += 1
        term *= x / a
        total += term
    return total


def _fraction(a: float, x: float) -> float:
    """Lentz's continued fraction."""
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / b
    value, step, k = d, 0.0, 0
    while abs(step - 1) > _ENOUGH:
        k += 1
        factor = -k * (k - a)
        b += 2
        d = 1 / _away_from_zero(factor * d + b)
        c = _away_from_zero(b + factor / c)
        step = d * c
        value *= step
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def two_proportions(one: int, *, of: int, other: int, of_other: int) -> float:
    """Return the p-value of two equal proportions: the score test with pooled variance."""
    pooled = (one + other) / (of + of_other)
    variance = pooled * (1 - pooled) * (1 / of + 1 / of_other)
    if variance <= 0:
        return 1.0
    z = abs(one / of - other / of_other) / math.sqrt(variance)
    return math.erfc(z / math.sqrt(2))


def combined(p_values: Sequence[float], *, correlation: float) -> float:
    """Combine the p-values of one test in several windows: Stouffer's sum of normal scores (1949),
    with a variance for correlated scores (Strube 1985)."""
    scores = [-_NORMAL.inv_cdf(min(max(p, _TINY), _SURE)) for p in p_values]
    count = len(scores)
    spread = math.sqrt(count + count * (count - 1) * correlation)
    return math.erfc(math.fsum(scores) / spread / math.sqrt(2)) / 2


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return adjusted p-values in the same order. Of the findings at or below q, a share of at most
    q is false (Benjamini & Hochberg 1995)."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place], reverse=True)
    adjusted, least = [1.0] * len(p_values), 1.0
    for rank, place in zip(range(len(order), 0, -1), order, strict=True):
        least = min(least, p_values[place] * len(p_values) / rank)
        adjusted[place] = least
    return tuple(adjusted)
