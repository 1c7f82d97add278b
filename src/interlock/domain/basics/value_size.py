"""Limits the size of a parsed value: how many values, how deep, which keys and numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator

from interlock.domain.basics import parse_limits
from interlock.domain.basics.parse_limits import ParseLimit

# A decimal digit needs log2(10) bits; Python does not write a longer number in decimal.
_MOST_BITS = int(parse_limits.DIGITS.most * math.log2(10))
_LISTS = (list, tuple, set, frozenset)


def require(value: object, *, values: ParseLimit, key: ParseLimit = parse_limits.KEY) -> None:
    """Raise TooMuch for a value of mappings, lists and scalars over these limits, or with a longer
    key or number than the limits allow. It works without recursion, because any user may have
    written the value."""
    for _ in _levels(value, values, key):
        pass


def require_finite(value: object, *, values: ParseLimit, key: ParseLimit) -> None:
    """Raise like `require`, and ValueError for a number that is NaN or infinite."""
    for numbers in _levels(value, values, key):
        if not all(map(math.isfinite, numbers)):
            raise ValueError("a number in it is not finite, and JSON has no such number")


def _levels(value: object, values: ParseLimit, key: ParseLimit) -> Iterator[list[float]]:
    """Yield the decimal numbers among the values inside the value, those inside these, and so on,
    after each level is checked."""
    count, level = 0, [value]
    for _ in range(parse_limits.DEPTH.most + 1):
        count += len(level)
        values.require(count)
        numbers: list[float] = []
        level = _inside(level, key, numbers)
        yield numbers
        if not level:
            return
    raise parse_limits.DEPTH.refusal()


def _inside(level: list[object], longest: ParseLimit, numbers: list[float]) -> list[object]:
    """Return the values inside some values, and add their decimal numbers to `numbers`; checks the
    length of keys and the size of whole numbers."""
    inside: list[object] = []
    keys: set[object] = set()
    for value in level:
        if type(value) is str:  # most values are a text or a decimal number, so this is fast
            continue
        if type(value) is float:
            numbers.append(value)
        elif isinstance(value, dict):
            keys.update(value)
            inside.extend(value.values())
        elif isinstance(value, _LISTS):
            inside.extend(value)
        elif isinstance(value, int) and value.bit_length() > _MOST_BITS:
            raise parse_limits.DIGITS.refusal()
    longest.require(max((len(key) for key in keys if isinstance(key, str)), default=0))
    return inside
