"""The name that a typo was meant to be; decides nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LONGEST = 80


def suggest(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """Return "did you mean 'x'?" for the nearest known name, else `otherwise`.

    A word that no name comes near costs as much as its length: long ones are not looked up.
    """
    names = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), names, n=1) if len(word) <= _LONGEST else []
    return f"did you mean {names[near[0]]!r}?" if near else otherwise


def quote(value: object) -> str:
    """A value of the user's as it stands in a message: one short line, nothing invisible."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:50]}…{text[-1]}"
