"""The hourly rate limit: how much each token has used; knows no request."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from interlock.sandbox import limits

_HOUR_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class Reading:
    """What the x-ratelimit headers say; `reset` is in seconds since 1970."""

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


class Meter:
    """Requests counted per token over windows of one hour."""

    def __init__(self) -> None:
        self.limit = limits.REQUESTS_PER_HOUR
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, int]] = {}

    def read(self, key: str) -> Reading:
        with self._lock:
            used, reset = self._window(key)
        return Reading(self.limit, used, reset)

    def count(self, key: str) -> None:
        with self._lock:
            used, reset = self._window(key)
            self._windows[key] = (min(used + 1, self.limit), reset)

    def _window(self, key: str) -> tuple[int, int]:
        now = int(time.time())
        used, reset = self._windows.get(key, (0, 0))
        return (used, reset) if reset > now else (0, now + _HOUR_SECONDS)
