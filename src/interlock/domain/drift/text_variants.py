"""Finds texts that are the same word in another spelling."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence


def fold(text: str) -> str:
    """Normalise accidental differences of a text: letter case, extra blanks, and composed or wide
    forms of Unicode (NFKC)."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", plain).split())


def count_other_spellings(values: Sequence[str], others: Mapping[str, int]) -> tuple[int, ...]:
    """Count, for each of `values`, the rows of `others` that are another spelling of it. `others`
    maps other texts to their rows. Of several similar values, the first gets the rows."""
    places: dict[str, int] = {}
    for place, value in enumerate(values):
        places.setdefault(fold(value), place)
    counts = [0] * len(values)
    for text, rows in others.items():
        place_of = places.get(fold(text))
        if place_of is not None:
            counts[place_of] += rows
    return tuple(counts) if any(counts) else ()


def merge_counts(values: Sequence[str], counts: Iterable[int]) -> tuple[int, ...]:
    """Add up the counts of all spellings of each word, in order of its first spelling."""
    words: dict[str, int] = {}
    for value, count in zip(values, counts, strict=True):
        word = fold(value)
        words[word] = words.get(word, 0) + count
    return tuple(words.values())


def first_spellings(values: Iterable[str]) -> frozenset[str]:
    """Return the first spelling of each word."""
    words: dict[str, str] = {}
    for value in values:
        words.setdefault(fold(value), value)
    return frozenset(words.values())


def describe_change(before: str, now: str) -> str:
    """Describe a change of spelling, with code points if both texts look the same."""
    are_alike = unicodedata.normalize("NFKC", before) == unicodedata.normalize("NFKC", now)
    one, other = map(ascii if are_alike else repr, (before, now))
    return f"{one} became {other}"
