"""Limits the size of a parsed value: how many values, how deep, which keys and numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable

from interlock.domain.basics import parse_limits
from interlock.domain.basics.parse_limits import ParseLimit

# A decimal digit needs log2(10) bits; Python does not write a longer number in decimal.
_MOST_BITS = int(parse_limits.DIGITS.most * math.log2(10))


def require(value: object, *, values: ParseLimit, key: ParseLimit = parse_limits.KEY) -> None:
    """Raise TooMuch for a value of mappings, lists and scalars over these limits, or with a longer
    key or number than the limits allow. It works without recursion, because any user may have
    written the value."""
    count, level = 0, [value]
    for _ in range(parse_limits.DEPTH.most + 1):
        count += len(level)
        values.require(count)
        level = [child for one in level for child in _children(one, key)]
        if not level:
            return
    raise parse_limits.DEPTH.refusal()


def _children(value: object, longest: ParseLimit = parse_limits.KEY) -> Iterable[object]:
    """Return the values inside a value; checks the length of keys and the size of numbers."""
    if isinstance(value, dict):
        for key in value:
            if isinstance(key, str):
                longest.require(len(key))
        return value.values()
    if isinstance(value, list | tuple | set | frozenset):
        return value
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        raise parse_limits.DIGITS.refusal()
    return ()


def is_finite(value: object) -> bool:
    """True if no number is NaN or infinite inside a value that `require` accepts."""
    level = [value]
    while level:
        if any(isinstance(one, float) and not math.isfinite(one) for one in level):
            return False
        level = [child for one in level for child in _children(one, parse_limits.RECORD_KEY)]
    return True
