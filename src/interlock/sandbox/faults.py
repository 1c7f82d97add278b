"""Faults on demand: what may go wrong, where, and how often; how it is answered lies in `app`."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "error_before",
    "error_after",
    "rate_limit",
    "rate_limit_no_header",
    "forbidden",
    "slow",
    "lag",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to go wrong, for the next `times` requests that match.

    `method` "" matches every method; `path_pattern` is searched for in the path, `/api` included.
    error_before: `status` and no effect. error_after: the effect, then `status`.
    rate_limit: 403 (or `status` 429) with Retry-After `retry_after` seconds (60 unless given);
    rate_limit_no_header: 429 with nothing to go by. forbidden: 403 for want of a scope.
    slow: `seconds` of delay, then the true answer. lag: what the request creates is missing from
    the next `requests` lists that would hold it.
    """

    method: str
    path_pattern: str
    kind: Kind
    status: int = 502
    times: int = 1
    retry_after: int | None = None
    seconds: float = 0
    requests: int = 3

    def matches(self, method: str, path: str) -> bool:
        return self.method.upper() in ("", method) and bool(re.search(self.path_pattern, path))


class Faults:
    """The faults still to come, used up in the order in which they were added."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[Fault, int]] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append((fault, fault.times))

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    @property
    def pending(self) -> tuple[Fault, ...]:
        with self._lock:
            return tuple(fault for fault, _ in self._waiting)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the first fault that matches, one use of it spent."""
        with self._lock:
            for place, (fault, left) in enumerate(self._waiting):
                if fault.matches(method, path):
                    self._waiting[place : place + 1] = [(fault, left - 1)] if left > 1 else []
                    return fault
        return None


class Hidden:
    """Objects that lists do not show yet, by address and id (the `lag` fault)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: dict[tuple[str, object], int] = {}

    def hide(self, identity: tuple[str, object], *, requests: int) -> None:
        with self._lock:
            self._left[identity] = requests

    def is_hidden(self, identity: tuple[str, object]) -> bool:
        """Say whether a list must leave it out, and count that list."""
        with self._lock:
            left = self._left.get(identity, 0)
            if left <= 1:
                self._left.pop(identity, None)
            else:
                self._left[identity] = left - 1
            return left > 0
