"""Numbers as text for users: metrics, differences, sizes, times. No Markdown here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from interlock.domain.basics.interval import Interval

_MINUS = "−"
_MOST_DECIMALS = 6
_DIGITS, _EXACT = 4, 17
"""Significant digits that are shown, and that distinguish any two doubles."""


def number(value: float | None, *, decimals: int = 3) -> str:
    """Write a number: `0.985`, `54.12`, `1,797`; an absent number is a dash and never a zero."""
    if value is None:
        return "–"
    if not math.isfinite(value):
        return str(value)
    if float(value).is_integer() and abs(value) >= 1000:
        return f"{value:,.0f}".replace("-", _MINUS)
    # Adding zero removes the sign of a negative zero.
    return f"{round(value, decimals) + 0.0:,.{decimals}f}".replace("-", _MINUS)


def visible(value: float | None, *, decimals: int = 3) -> str:
    """Write a number; one that is too small for the decimals with its own digits: `0.000332`."""
    is_lost = value and math.isfinite(value) and round(value, decimals) == 0
    return significant(value) if value and is_lost else number(value, decimals=decimals)


def difference(value: float, *, decimals: int = 3) -> str:
    """Write a difference, always with its sign: `+0.021`, `−2.310`; one that is too small for the
    decimals is `+1.2e-09`."""
    is_lost = value != 0 and math.isfinite(value) and round(value, decimals) == 0
    return _minus(f"{value:+.1e}") if is_lost else _signed(value, decimals)


def significant(value: float, *, beside: float | None = None) -> str:
    """Return four significant digits, or as many more as distinguish the value from `beside`.

    A value just below a limit must not look like the limit: 0.93996 beside 0.94 is `0.93996`.
    """
    digits = _DIGITS
    if beside is not None and value != beside:
        shown = [_digits(value, n) != _digits(beside, n) for n in range(_DIGITS, _EXACT)]
        digits += next((more for more, differs in enumerate(shown) if differs), _EXACT - _DIGITS)
    return _digits(value, digits)


def signed(value: float, *, beside: float | None = None) -> str:
    """The same with a sign, except for zero."""
    shown = significant(value, beside=beside)
    return shown if value <= 0 or math.isnan(value) else f"+{shown}"


def _digits(value: float, digits: int) -> str:
    value += 0.0  # no negative zero
    if 1e4 <= abs(value) < 1e15 and digits == _DIGITS:
        return _minus(f"{value:,.0f}")
    return _minus(f"{value:.{digits}g}")


def interval(bounds: Interval, *, decimals: int = 3) -> str:
    """`[+0.012, +0.031]`; an end that is next to zero keeps its sign: `−0.0`."""
    return f"[{_signed(bounds.low, decimals)}, {_signed(bounds.high, decimals)}]"


def _signed(value: float, decimals: int) -> str:
    return _minus(f"{value:+,.{decimals}f}")


def _minus(shown: str) -> str:
    return f"{_MINUS}{shown[1:]}" if shown.startswith("-") else shown


def decimals_of(
    values: Iterable[float | None], *, width: float | None = None, apart: Iterable[float] = (0.0,)
) -> int:
    """Return the number of decimals with which the numbers of one row are shown.

    Two significant digits of `width`, the width of the interval: more would be noise. Without a
    width there are three, and fewer if the greatest number is large or the last decimal would be
    zero in all of them. Decimals are added, up to six in all, until each number differs from those
    of `apart` that it does not equal. None are added if six are not enough.
    """
    known = [value for value in values if value is not None and math.isfinite(value)]
    if width is not None and math.isfinite(width) and width > 0:
        least = min(_MOST_DECIMALS, max(0, 1 - math.floor(math.log10(width))))
    else:
        least = _trimmed(known, most=_decimals_of_size(max(map(abs, known), default=0.0)))
    pairs = [(value, edge) for value in known for edge in apart if value != edge]
    for shown in range(least, _MOST_DECIMALS + 1):
        if all(round(value, shown) != round(edge, shown) for value, edge in pairs):
            return shown
    return least


def _trimmed(values: Sequence[float], *, most: int) -> int:
    """Return the smallest number of decimals that shows the same text as `most` decimals."""
    shown = (n for n in range(most) if all(round(v, n) == round(v, most) for v in values))
    return next(shown, most) if values else most


def _decimals_of_size(value: float) -> int:
    if abs(value) >= 1000:
        return 0
    if abs(value) >= 100:
        return 1
    return 2 if abs(value) >= 10 else 3


def size(size_bytes: float | None) -> str:
    """Write a size in powers of ten, the unit of disks and of `model_size_mb`."""
    if size_bytes is None:
        return "–"
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if abs(size_bytes) >= scale:
            return f"{size_bytes / scale:,.1f} {unit}"
    return f"{size_bytes:,.0f} bytes"


def duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def short(digest: str | None) -> str:
    """Return the first twelve digits of a commit, fingerprint or SHA-256."""
    return (digest or "–")[:12]


def count(amount: int, noun: str, plural: str = "") -> str:
    return f"{amount:,} {noun if amount == 1 else plural or noun + 's'}"


def listing(names: tuple[str, ...] | list[str], *, most: int = 8) -> str:
    """Write a list: `a`, `a and b`, `a, b and 7 more`."""
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most:,} more"
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
