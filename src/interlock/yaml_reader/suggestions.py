"""Suggests known names for typos, and quotes user text in messages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

_LONGEST = 80
_USER_INFO = re.compile(r"//\S*@")


class Suggest(Protocol):
    def __call__(self, word: str, known: Iterable[str], *, otherwise: str = "") -> str: ...


def suggest(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """Return "did you mean 'x'?" for the closest known name, else `otherwise`.

    The search takes time by the length of the word: long words are not searched.
    """
    import difflib  # noqa: PLC0415 - of an error alone

    names = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), names, n=1) if len(word) <= _LONGEST else []
    return f"did you mean {names[near[0]]!r}?" if near else otherwise


class Suggester:
    """Suggests like `suggest` until words were compared with `most` names. A run with thousands of
    errors has one cause, and compares each word with thousands of names."""

    def __init__(self, most: int = 100_000) -> None:
        self._left = most

    def __call__(self, word: str, known: Iterable[str], *, otherwise: str = "") -> str:
        if self._left <= 0:
            return otherwise
        names = list(known)
        self._left -= len(names)
        return suggest(word, names, otherwise=otherwise)


def quote(value: object) -> str:
    """Format a user's value for a message: one short line without invisible characters, and
    without the user and the password of an address."""
    text = repr(value) if isinstance(value, str) else str(value)
    text = _USER_INFO.sub("//…@", text)
    return text if len(text) <= 60 else f"{text[:50]}…{text[-1]}"
