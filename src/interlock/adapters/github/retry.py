"""How often and how long we try again; what GitHub said is judged in failures."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

from interlock import errors

_Result = TypeVar("_Result")


class Retryable(Exception):
    """A try that failed in a way that may pass.

    `after_seconds` is how long to stay away at least, None when we may choose; `is_named` when it
    is GitHub's own word, which does not grow from one refusal to the next. `is_unsure` when the
    request may have had its effect all the same. `error` is what a person is told when patience
    ends.
    """

    def __init__(
        self,
        error: errors.CannotReachGitHub,
        *,
        after_seconds: float | None = None,
        is_named: bool = True,
        is_unsure: bool = False,
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.after_seconds = after_seconds
        self.is_named = is_named
        self.is_unsure = is_unsure


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Waits double from `first_wait_seconds` to the longest; all of them stay below the ceiling.

    Twelve attempts: with two requests of five failing, one act in 30,000 fails.
    """

    attempts: int = 12
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 30.0
    ceiling_seconds: float = 300.0
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time

    def persist(self, act: Callable[[], _Result]) -> _Result:
        """Return what `act` returns, trying again on Again; raises CannotReachGitHub."""
        waited, unnamed = 0.0, 0
        for attempt in count(1):
            try:
                return act()
            except Retryable as again:
                unnamed += not again.is_named
                wait = self._wait(attempt, again, unnamed=unnamed)
                if attempt >= self.attempts or waited + wait > self.ceiling_seconds:
                    raise again.error from again
                self.sleep(wait)
                waited += wait
        raise AssertionError("unreachable: count() has no end")

    def create_once(
        self,
        *,
        find: Callable[[], _Result | None],
        create: Callable[[], _Result],
        is_new: bool = False,
    ) -> _Result:
        """Return what is there, else create it; a try that was cut off is looked for first.

        GitHub's lists may lag behind its writes, so that what a broken answer left behind is
        looked for several times before it is made again. `is_new`: there can be nothing yet, so
        that the first try looks for nothing.
        """
        unsure, known_none = False, is_new

        def attempt() -> _Result:
            nonlocal unsure, known_none
            found = None if known_none else self._look(find, times=4 if unsure else 1)
            if found is not None:
                return found
            try:
                return create()
            except Retryable as again:
                unsure = unsure or again.is_unsure
                known_none = known_none and not unsure
                raise

        return self.persist(attempt)

    def _look(self, find: Callable[[], _Result | None], *, times: int) -> _Result | None:
        for look in range(times):
            if look:
                self.sleep(self.first_wait_seconds)
            found = find()
            if found is not None:
                return found
        return None

    def _wait(self, attempt: int, again: Retryable, *, unnamed: int) -> float:
        if again.after_seconds is None:
            return min(self.first_wait_seconds * 2.0 ** (attempt - 1), self.longest_wait_seconds)
        return again.after_seconds * (1.0 if again.is_named else 2.0 ** (unnamed - 1))
