"""Waits after another writer of a branch was first."""

from __future__ import annotations

import random
import time


def pause(attempt: int) -> None:
    """Wait a random time (full jitter, doubling up to 2 s), so that writers do not collide."""
    time.sleep(random.uniform(0, min(2.0, 0.02 * 2**attempt)))  # noqa: S311 - not a secret
