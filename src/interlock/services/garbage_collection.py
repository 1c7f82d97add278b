"""Pauses garbage collection where everything that is read or imported is needed until the end."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def paused() -> Iterator[None]:
    """Disable garbage collection: to search a million objects takes a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextlib.contextmanager
def frozen() -> Iterator[None]:
    """Pause, and then exclude everything that exists from every collection, and from the one at
    the end of Python."""
    with paused():
        yield
    gc.freeze()
