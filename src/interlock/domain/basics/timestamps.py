"""Moments as whole seconds since 1970 in UTC, and as people write them; no clock may enter.

In UTC every day has the same length: neither time zones nor daylight saving reach what is counted
here. Leap seconds are not counted, as in POSIX time.
"""

from __future__ import annotations

import re

DAY_SECONDS = 86_400
ISO = (
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)?)?"
    r"(?:([Zz])|([+-])([0-9]{2}):?([0-9]{2}))?"
)
"""ISO 8601 as a regular expression: year to second, then Z, or sign, hours and minutes."""
_NAME = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z")


def read(text: str) -> int | None:
    """Return the moment that ISO 8601 text says, its fraction cut off; None for what is none.

    What names no zone is taken as UTC.
    """
    found = re.fullmatch(ISO, text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    hours, minutes = int(found[9] or 0), int(found[10] or 0)
    if not _is_date(year, month, day) or max(hour, hours) > 23 or max(minute, second, minutes) > 59:
        return None
    ahead = hours * 3600 + minutes * 60
    local = _days(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second
    return local + (ahead if found[8] == "-" else -ahead)


def write(seconds: int) -> str:
    """`2026-11-02T06:00:00Z`."""
    days, rest = divmod(seconds, DAY_SECONDS)
    year, month, day = _date(days)
    clock = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    return f"{year:04d}-{month:02d}-{day:02d}T{clock}Z"


def name(seconds: int) -> str:
    """`20261102T060000Z`: fit for a file's name, and in the order of time."""
    return write(seconds).replace("-", "").replace(":", "")


def read_name(text: str) -> int | None:
    """The opposite of `name`; None for what is none."""
    found = _NAME.fullmatch(text)
    return None if found is None else read("{}-{}-{}T{}:{}:{}Z".format(*found.groups()))


def _is_date(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and day >= 1 and _date(_days(year, month, day)) == (year, month, day)


def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the Gregorian calendar, by Howard Hinnant's `days_from_civil`
    (https://howardhinnant.github.io/date_algorithms.html)."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def _date(days: int) -> tuple[int, int, int]:
    """The opposite of `_days`; Hinnant's `civil_from_days`."""
    era, of_era = divmod(days + 719_468, 146_097)
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return year + era * 400 + (month <= 2), month, day
