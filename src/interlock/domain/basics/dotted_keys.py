"""Flattens nested numbers and settings to dotted keys; their meaning is not known here."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from interlock.domain.basics.refusal import Refusal

DEEPEST, MOST_VALUES = 32, 100_000
LARGEST_BYTES = 10_000_000
"""Of a file of metrics or parameters."""


def numbers(files: Mapping[str, Any]) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return the finite numbers of metrics files, and a sentence for each value left out.

    `files` maps a path to the content of the file. {"test": {"f1": 0.9}} gives "test.f1". A text, a
    list, true, NaN and infinity are not measurements. A key of a later file wins.
    """
    metrics: dict[str, float] = {}
    left_out: list[str] = []
    for path, content in files.items():
        for key, value in _leaves(content):
            place = f"{path}: {key}" if key else path
            number = _number(value)
            if number is None:
                left_out.append(f"{place} is {json.dumps(value)[:40]}, not a number")
            elif not math.isfinite(number):
                left_out.append(f"{place} is {number}, which measures nothing")
            else:
                if key in metrics:
                    left_out.append(f"{place} is in another metrics file, too; this one won")
                metrics[key] = number
    return metrics, tuple(left_out)


def check_size(content: Any) -> Refusal | None:
    """Refuse content that is nested too deep, or that has too many values."""
    level, depth, left = [content], 0, MOST_VALUES
    while level:
        depth += 1
        left -= len(level)
        if depth > DEEPEST:
            return Refusal(f"it is nested deeper than {DEEPEST} levels")
        if left < 0:
            return Refusal(f"it has more than {MOST_VALUES:,} values")
        # Only counted values are visited: an alias in YAML makes a million values of one list.
        level = list(islice(chain.from_iterable(map(_inside, level)), left + 1))
    return None


def _inside(content: Any) -> Iterable[Any]:
    if isinstance(content, Mapping):
        return content.values()
    return content if isinstance(content, list) else ()


def texts(files: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return parameters as dotted key to JSON text; a key that two files have names its file."""
    rows = [(path, *leaf) for path, content in files.items() for leaf in _leaves(content)]
    keys = [key for _, key, _ in rows]
    return {
        (f"{path}:{key}" if keys.count(key) > 1 else key): json.dumps(value, sort_keys=True)
        for path, key, value in rows
    }


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _leaves(content: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(content, Mapping) and content:
        for key, value in content.items():
            yield from _leaves(value, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, content
