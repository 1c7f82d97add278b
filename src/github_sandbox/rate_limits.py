"""Rate limits: the hourly limit of each token, and the usage of a list of requests."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass

from github_sandbox import limits

_HOUR_SECONDS = 3_600
_READS = ("GET", "HEAD")
# GitHub limits the creation of content: issues, comments and pull requests. Changes and deletions
# count here, too.
# https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
_CONTENT = re.compile(r"/(issues|pulls)(/|$)|/comments(/|$)")


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The values of the x-ratelimit headers; `reset` is in seconds since 1970."""

    limit: int
    used: int
    reset: int

    @property
    def remaining(self) -> int:
        return max(self.limit - self.used, 0)

    def headers(self) -> dict[str, str]:
        return {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-reset": str(self.reset),
            "x-ratelimit-used": str(self.used),
            "x-ratelimit-resource": "core",
        }


@dataclass(frozen=True, slots=True)
class Usage:
    """The number of requests in the hourly limit (without 304), of writes, and of content."""

    calls: int
    writes: int
    content: int


def usage(requests: Iterable[tuple[str, str, int]]) -> Usage:
    """Count requests to the API, each given as (method, path, status)."""
    counted = [
        (method, path)
        for method, path, status in requests
        if path.startswith("/api/") and path != "/api/rate_limit" and status != 304
    ]
    written = [path for method, path in counted if method not in _READS]
    content = [path for path in written if _CONTENT.search(path)]
    return Usage(len(counted), len(written), len(content))


class RequestCounter:
    """Counts the requests of each token per hour."""

    def __init__(self) -> None:
        self.limit = limits.REQUESTS_PER_HOUR
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, int]] = {}

    def read(self, key: str) -> RateLimit:
        with self._lock:
            used, reset = self._window(key)
        return RateLimit(self.limit, used, reset)

    def count(self, key: str) -> None:
        with self._lock:
            used, reset = self._window(key)
            self._windows[key] = (min(used + 1, self.limit), reset)

    def _window(self, key: str) -> tuple[int, int]:
        now = int(time.time())
        used, reset = self._windows.get(key, (0, 0))
        return (used, reset) if reset > now else (0, now + _HOUR_SECONDS)
