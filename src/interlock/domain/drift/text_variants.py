"""When two texts are one word, written in another way; which is right is not known here."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence


def fold(text: str) -> str:
    """Return a text without what programs change by accident: letter case, blanks around it and
    more than one between words, composed or wide forms of Unicode (NFKC)."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", plain).split())


def count_other_spellings(values: Sequence[str], others: Mapping[str, int]) -> tuple[int, ...]:
    """Return for each of `values` how many rows hold it in another spelling, of `others`: texts
    that are none of them, and their rows. Of values that are alike the first one has them."""
    places: dict[str, int] = {}
    for place, value in enumerate(values):
        places.setdefault(fold(value), place)
    found = [0] * len(values)
    for text, rows in others.items():
        place_of = places.get(fold(text))
        if place_of is not None:
            found[place_of] += rows
    return tuple(found) if any(found) else ()


def merge_counts(values: Sequence[str], counts: Iterable[int]) -> tuple[int, ...]:
    """Return counts of words: those of all spellings of one together, in order of the first."""
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
    """Two spellings side by side, as code points where they look alike."""
    are_alike = unicodedata.normalize("NFKC", before) == unicodedata.normalize("NFKC", now)
    one, other = map(ascii if are_alike else repr, (before, now))
    return f"{one} is {other} now"
