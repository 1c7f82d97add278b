"""Retries requests with growing pauses; failures.py decides which answers can be retried."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

from interlock import errors

_Result = TypeVar("_Result")


class Retryable(Exception):
    """A failure that may pass.

    `after_seconds` is the least pause, None for the policy's own; `is_named` if GitHub named it, so
    that it does not grow. `is_unsure` if the request may have had its effect. `error` is raised
    after the last attempt.
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
    """Pauses double from `first_wait_seconds` to the longest; their sum stays below the ceiling.

    Twelve attempts: with two requests of five failing, one act in 30,000 fails.
    """

    attempts: int = 12
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 30.0
    ceiling_seconds: float = 300.0
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time

    def persist(self, act: Callable[[], _Result]) -> _Result:
        """Return the result of `act`, repeated on Retryable; raises CannotReachGitHub."""
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
        """Return the existing object, or create it. After a lost answer it is searched first.

        GitHub's lists may be late, so after a lost answer the object is searched several times
        before it is created again. `is_new`: no object can exist, so the first attempt creates it.
        """
        unsure, known_none = False, is_new

        def attempt() -> _Result:
            nonlocal unsure, known_none
            existing = None if known_none else self._look(find, times=4 if unsure else 1)
            if existing is not None:
                return existing
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
            existing = find()
            if existing is not None:
                return existing
        return None

    def _wait(self, attempt: int, again: Retryable, *, unnamed: int) -> float:
        if again.after_seconds is None:
            return min(self.first_wait_seconds * 2.0 ** (attempt - 1), self.longest_wait_seconds)
        return again.after_seconds * (1.0 if again.is_named else 2.0 ** (unnamed - 1))
