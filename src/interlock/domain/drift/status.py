"""The five things that can be said of live data; when each is said is not decided here."""

from __future__ import annotations

from enum import StrEnum


class DriftStatus(StrEnum):
    STABLE = "stable"
    INSUFFICIENT = "insufficient"
    """Too few rows to say anything, or no column whose values can be compared."""
    WARNING = "warning"
    """It differs, but not in enough windows yet."""
    DRIFT = "drift"
    BROKEN = "broken"
    """The data cannot be what the model was made for: schema, empty, all missing, unit,
    spelling; or a file of it cannot be read."""
