"""How often and how long we try again; what GitHub said is judged in failures."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

from interlock import errors

_Result = TypeVar("_Result")


class Again(Exception):
    """A try that failed in a way that may pass.

    `after_seconds` is what GitHub asked for, None when it asked for nothing. `is_unsure` when the
    request may have had its effect all the same. `error` is what a person is told when patience
    ends.
    """

    def __init__(
        self,
        error: errors.CannotReachGitHub,
        *,
        after_seconds: float | None = None,
        is_unsure: bool = False,
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.after_seconds = after_seconds
        self.is_unsure = is_unsure


@dataclass(frozen=True, slots=True)
class Patience:
    """Waits double from `first_wait_seconds`; all of them together stay below the ceiling."""

    attempts: int = 5
    first_wait_seconds: float = 0.5
    ceiling_seconds: float = 300.0
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time

    def persist(self, act: Callable[[], _Result]) -> _Result:
        """Return what `act` returns, trying again on Again; raises CannotReachGitHub."""
        waited = 0.0
        for attempt in count(1):
            try:
                return act()
            except Again as again:
                wait = self._wait(attempt, asked=again.after_seconds)
                if attempt >= self.attempts or waited + wait > self.ceiling_seconds:
                    raise again.error from again
                self.sleep(wait)
                waited += wait
        raise AssertionError("unreachable: count() has no end")

    def create_once(
        self, *, find: Callable[[], _Result | None], create: Callable[[], _Result]
    ) -> _Result:
        """Return what is there, else create it; a try that was cut off is looked for first.

        GitHub's lists may lag behind its writes, so that what a broken answer left behind is
        looked for several times before it is made again.
        """
        unsure = False

        def attempt() -> _Result:
            nonlocal unsure
            found = self._look(find, times=4 if unsure else 1)
            if found is not None:
                return found
            try:
                return create()
            except Again as again:
                unsure = unsure or again.is_unsure
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

    def _wait(self, attempt: int, *, asked: float | None) -> float:
        return asked if asked is not None else self.first_wait_seconds * 2.0 ** (attempt - 1)
