"""Faults on demand: what may go wrong, where, and how often; how it is answered lies in `app`."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "error_before",
    "error_after",
    "reset_before",
    "reset_after",
    "rate_limit",
    "rate_limit_no_header",
    "forbidden",
    "unauthorized",
    "slow",
    "slow_after",
    "lag",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to go wrong, for the next `times` requests that match.

    `method` "" matches every method; `path_pattern` is searched for in the path, `/api` included,
    and in the path with its query. error_before: `status` and no effect. error_after: the effect,
    then `status`. reset_before, reset_after: the same, and instead of an answer the connection is
    cut.
    rate_limit: 403 (or `status` 429) with Retry-After `retry_after` seconds (60 unless given);
    rate_limit_no_header: 429 with nothing to go by. forbidden: 403 for want of a scope.
    unauthorized: 401, as for a token that has ended.
    slow: `seconds` of delay, then the true answer; slow_after: the effect, the delay, the answer.
    lag: what the request creates is missing from
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

    def matches(self, method: str, path: str, query: str = "") -> bool:
        texts = (path, f"{path}?{query}") if query else (path,)
        found = any(re.search(self.path_pattern, text) for text in texts)
        return found and self.method.upper() in ("", method)


@dataclass
class Storm:
    """Every request that matches goes wrong with a probability of `rate`, drawn from `seed`.

    With one client that asks one thing after the other, a seed is one storm. `struck` and `seen`
    count what it did.
    """

    seed: int
    rate: float
    kinds: Sequence[Kind] = ("error_before", "error_after", "reset_before", "reset_after")
    path_pattern: str = "^/api/"
    retry_after: int = 1
    struck: int = 0
    seen: int = 0
    _dice: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)  # noqa: S311 - not a secret

    def draw(self, method: str, path: str) -> Fault | None:
        if not re.search(self.path_pattern, path):
            return None
        self.seen += 1
        if self._dice.random() >= self.rate:
            return None
        # Only what is created can be missing from a list.
        kinds = [kind for kind in self.kinds if kind != "lag" or method == "POST"]
        self.struck += 1
        kind = self._dice.choice(kinds)
        return Fault(method, self.path_pattern, kind, retry_after=self.retry_after)


class Faults:
    """The faults still to come, used up in the order in which they were added; then the storm's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[Fault, int]] = []
        self._storm: Storm | None = None

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append((fault, fault.times))

    def rage(self, storm: Storm) -> None:
        """Let a storm strike until `clear`."""
        with self._lock:
            self._storm = storm

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()
            self._storm = None

    @property
    def pending(self) -> tuple[Fault, ...]:
        with self._lock:
            return tuple(fault for fault, _ in self._waiting)

    def take(self, method: str, path: str, query: str = "") -> Fault | None:
        """Return the first fault that matches, one use of it spent."""
        with self._lock:
            for place, (fault, left) in enumerate(self._waiting):
                if fault.matches(method, path, query):
                    self._waiting[place : place + 1] = [(fault, left - 1)] if left > 1 else []
                    return fault
            return self._storm.draw(method, path) if self._storm else None


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
