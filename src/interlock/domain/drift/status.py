"""The five verdicts on live data."""

from __future__ import annotations

from enum import StrEnum


class DriftStatus(StrEnum):
    STABLE = "stable"
    INSUFFICIENT = "insufficient"
    """Too few rows to decide, or no column with comparable values."""
    WARNING = "warning"
    """Different from the reference, but not in enough windows yet."""
    DRIFT = "drift"
    BROKEN = "broken"
    """Unusable data: another schema, unit or spelling, only missing values, no rows, or an
    unreadable file."""
