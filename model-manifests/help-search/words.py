"""Splits a text into words, as the index and the search must do in the same way."""

from __future__ import annotations

import re
from pathlib import Path

_WORD = re.compile(r"[a-z0-9]+")
_COMMON = frozenset(Path(__file__).with_name("common_words.txt").read_text("utf-8").split())


def split(text: str, *, endings: int) -> list[str]:
    """Return the words without the common ones; of longer words only the first letters count if
    `endings` is their number, and all letters if it is 0."""
    kept = (word for word in _WORD.findall(text.lower()) if word not in _COMMON)
    return [word[:endings] if endings else word for word in kept]
