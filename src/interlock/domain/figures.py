"""Numbers as people read them: metrics, differences, sizes, times; no Markdown may enter."""

from __future__ import annotations

import math

from interlock.domain.verdict import Interval

_MINUS = "−"
_MOST_DECIMALS = 6


def number(value: float | None, *, decimals: int = 3) -> str:
    """`0.985`, `54.12`, `1,797`; an absent number is a dash and never a zero."""
    if value is None:
        return "–"
    if not math.isfinite(value):
        return str(value)
    if float(value).is_integer() and abs(value) >= 1000:
        return f"{value:,.0f}".replace("-", _MINUS)
    return f"{value:,.{decimals}f}".replace("-", _MINUS)


def difference(value: float, *, decimals: int = 3) -> str:
    """With its sign, always: `+0.021`, `−2.310`."""
    return f"{value:+,.{decimals}f}".replace("-", _MINUS)


def interval(bounds: Interval, *, decimals: int = 3) -> str:
    low = difference(bounds.low, decimals=decimals)
    return f"[{low}, {difference(bounds.high, decimals=decimals)}]"


def arrow(value: float) -> str:
    """Which way the number went; whether that is good depends on the metric."""
    if value == 0:
        return "="
    return "▲" if value > 0 else "▼"


def decimals_for(shown: float | None, *, difference: float | None = None) -> int:
    """Three decimals, fewer for large values, more where a difference would vanish."""
    decimals = 3 if shown is None or not math.isfinite(shown) else _decimals_of_size(shown)
    if difference and math.isfinite(difference) and abs(difference) < 10.0**-decimals:
        decimals = min(_MOST_DECIMALS, math.ceil(-math.log10(abs(difference))) + 1)
    return decimals


def _decimals_of_size(value: float) -> int:
    if abs(value) >= 1000:
        return 0
    if abs(value) >= 100:
        return 1
    return 2 if abs(value) >= 10 else 3


def size(size_bytes: float | None) -> str:
    """Powers of ten, as disks and `model_size_mb` count."""
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
    """The first twelve digits of a commit, fingerprint or SHA-256."""
    return (digest or "–")[:12]


def count(amount: int, noun: str, plural: str = "") -> str:
    return f"{amount:,} {noun if amount == 1 else plural or noun + 's'}"


def listing(names: tuple[str, ...] | list[str], *, most: int = 8) -> str:
    """`a`, `a and b`, `a, b and 7 more`."""
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most:,} more"
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
