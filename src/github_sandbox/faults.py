"""Faults that a test injects: the kind of failure, the requests, and the number of times.

`middleware` implements them.
"""

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
    """One kind of failure for the next `times` requests that match.

    `method` "" matches every method. `path_pattern` is a regular expression for the path with
    `/api`, or for the path with its query.

    * error_before: respond with `status`, without an effect.
    * error_after: do the request, then respond with `status`.
    * reset_before, reset_after: the same, but close the connection without a response.
    * rate_limit: 403 (or `status` 429) with a Retry-After of `retry_after` seconds (default 60).
    * rate_limit_no_header: 429 without Retry-After.
    * forbidden: 403, as for a missing scope.
    * unauthorized: 401, as for an expired token.
    * slow: wait for `seconds`, then do the request.
    * slow_after: do the request, wait for `seconds`, then respond.
    * lag: the created object is missing from the next `requests` lists.
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
        matches_path = any(re.search(self.path_pattern, text) for text in texts)
        return matches_path and self.method.upper() in ("", method)


@dataclass
class RandomFaults:
    """Every matching request fails with the probability `rate`.

    A seed always gives the same faults for one client that sends one request at a time. `requests`
    and `injected` count the matching requests and their faults.
    """

    seed: int
    rate: float
    kinds: Sequence[Kind] = ("error_before", "error_after", "reset_before", "reset_after")
    path_pattern: str = "^/api/"
    retry_after: int = 1
    injected: int = 0
    requests: int = 0
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - not a secret

    def draw(self, method: str, path: str) -> Fault | None:
        if not re.search(self.path_pattern, path):
            return None
        self.requests += 1
        if self._random.random() >= self.rate:
            return None
        # Only a created object can be missing from a list.
        kinds = [kind for kind in self.kinds if kind != "lag" or method == "POST"]
        self.injected += 1
        kind = self._random.choice(kinds)
        return Fault(method, self.path_pattern, kind, retry_after=self.retry_after)


class Faults:
    """The waiting faults in the order of `add`, then the random faults."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[Fault, int]] = []
        self._random_faults: RandomFaults | None = None

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append((fault, fault.times))

    def start(self, random_faults: RandomFaults) -> None:
        """Inject random faults until `clear`."""
        with self._lock:
            self._random_faults = random_faults

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()
            self._random_faults = None

    @property
    def pending(self) -> tuple[Fault, ...]:
        with self._lock:
            return tuple(fault for fault, _ in self._waiting)

    def take(self, method: str, path: str, query: str = "") -> Fault | None:
        """Return the first fault that matches, and use it once."""
        with self._lock:
            for place, (fault, left) in enumerate(self._waiting):
                if fault.matches(method, path, query):
                    self._waiting[place : place + 1] = [(fault, left - 1)] if left > 1 else []
                    return fault
            return self._random_faults.draw(method, path) if self._random_faults else None


class HiddenObjects:
    """Objects that are missing from lists (the `lag` fault), by address and id."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: dict[tuple[str, object], int] = {}

    def hide(self, identity: tuple[str, object], *, requests: int) -> None:
        with self._lock:
            self._left[identity] = requests

    def is_hidden(self, identity: tuple[str, object]) -> bool:
        """Return True if a list must omit an object, and count that list."""
        with self._lock:
            left = self._left.get(identity, 0)
            if left <= 1:
                self._left.pop(identity, None)
            else:
                self._left[identity] = left - 1
            return left > 0
