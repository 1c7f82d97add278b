"""Numbers as a person reads them beside each other; no locale and no Markdown may enter."""

from __future__ import annotations

import math

DIGITS = 4
EXACT = 17
"""Significant digits that tell any two doubles apart."""


def text(value: float, *, beside: float | None = None) -> str:
    """Return a number with four significant digits, or as many more as tell it from `beside`.

    A value just below a limit must not read as the limit: 0.93996 beside 0.94 is "0.93996".
    """
    if beside is None or value == beside:
        return _rounded(value, DIGITS)
    digits = DIGITS
    while digits < EXACT and _rounded(value, digits) == _rounded(beside, digits):
        digits += 1
    return _rounded(value, digits)


def signed(value: float, *, beside: float | None = None) -> str:
    """Return a difference, its sign always there; zero has none."""
    shown = text(value, beside=beside)
    return shown if value <= 0 or math.isnan(value) else f"+{shown}"


def _rounded(value: float, digits: int) -> str:
    value += 0.0  # there is no negative zero for people
    if 1e4 <= abs(value) < 1e15 and digits == DIGITS:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"
