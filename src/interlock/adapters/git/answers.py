"""Keeps the answers about full ids, which stay the same in a complete clone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from interlock.adapters.git.partial import Clone

T = TypeVar("T")


class Answers:
    """A fetch may lengthen the history of a shallow clone: there each question is new."""

    def __init__(self, clone: Clone) -> None:
        self._clone = clone
        self._known: dict[tuple[str, ...], Any] = {}

    def once(self, question: tuple[str, ...], ask: Callable[[], T]) -> T:
        """Return the answer to a question in full ids, which is the key."""
        if self._clone.is_shallow:
            return ask()
        if question not in self._known:
            self._known[question] = ask()
        return cast(T, self._known[question])
