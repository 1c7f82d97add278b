"""Which stretch of time a path's partition stands for, by Hive's `key=value`; no file may enter."""

from __future__ import annotations

import re
from urllib.parse import unquote

from interlock.domain import moments
from interlock.domain.windows import Window

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
"""What Hive, Spark and polars name the partition of rows that have no value."""

_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)
_HOUR = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)[T _-]?(\d\d)", re.ASCII)


def value(path: str, key: str) -> str | None:
    """Return the value that a path's folders give a key; None where they do not name it."""
    start = f"{key}="
    found = [part for part in path.split("/")[:-1] if part.startswith(start)]
    return unquote(found[-1].removeprefix(start)) if found else None


def span(text: str) -> Window | None:
    """Return the stretch that a value stands for: a day, an hour or, for a moment, one second; None
    where it is no time. What names no zone is UTC."""
    if day := _DAY.fullmatch(text):
        return _stretch("-".join(day.groups()), moments.DAY_SECONDS)
    if hour := _HOUR.fullmatch(text):
        return _stretch("{}-{}-{}T{}:00".format(*hour.groups()), 3_600)
    return _stretch(text, 1)


def _stretch(text: str, seconds: int) -> Window | None:
    start = moments.read(text)
    return None if start is None else Window(start, start + seconds)
