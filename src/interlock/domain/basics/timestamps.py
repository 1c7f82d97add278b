"""Times as whole seconds since 1970 in UTC, and as ISO 8601 text. Nothing here reads a clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

DAY_SECONDS = 86_400
ISO = (
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)?)?"
    r"(?:([Zz])|([+-])([0-9]{2}):?([0-9]{2}))?"
)
"""ISO 8601 as a regular expression: year to second, then Z, or sign, hours and minutes."""
_TIME = re.compile(ISO)
_NAME = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def read(text: str) -> int | None:
    """Return the seconds of ISO 8601 text without its fraction; None for any other text.

    A time without a zone is UTC. The years are 1 to 9999.
    """
    parts = _TIME.fullmatch(text.strip())
    if parts is None:
        return None
    hours, minutes = int(parts[9] or 0), int(parts[10] or 0)
    if hours > 23 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    year, month, day, hour, minute, second = (int(part or 0) for part in parts.groups()[:6])
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        return _seconds(local + offset if parts[8] == "-" else local - offset)
    except (ValueError, OverflowError):
        return None


def write(seconds: int) -> str:
    """`2026-11-02T06:00:00Z`."""
    time = _EPOCH + timedelta(seconds=seconds)
    return time.replace(tzinfo=None).isoformat() + "Z"


def name(seconds: int) -> str:
    """`20261102T060000Z`: a part of a file name that sorts by time."""
    return write(seconds).replace("-", "").replace(":", "")


def read_name(text: str) -> int | None:
    """Return the seconds of a text that `name` wrote; None for any other text."""
    if _NAME.fullmatch(text) is None:
        return None
    try:
        return _seconds(datetime.fromisoformat(text))
    except ValueError:
        return None


def _seconds(time: datetime) -> int:
    return (time - _EPOCH) // _SECOND
