"""What can be said of a window of live data; how it is decided is not here."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """Of a column, of a window, and of a model over its windows; only STABLE says "as before".

    WATCH moved, and not for long enough; BROKEN is no data to compare (schema, nothing there, all
    missing, another unit); INSUFFICIENT is too few rows to say anything.
    """

    STABLE = "stable"
    WATCH = "watch"
    DRIFT = "drift"
    BROKEN = "broken"
    INSUFFICIENT = "insufficient"
