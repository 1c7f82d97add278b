"""The time range of a path, from its folders: Hive's `key=value`, `year=/month=/day=` or plain
`2026/11/30`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile
from urllib.parse import unquote

from interlock.domain.basics import timestamps
from interlock.domain.monitoring.windows import Window

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
"""The partition of rows without a value, as Hive, Spark and polars name it."""

_PARTS = ("year", "month", "day", "hour")
_YEAR = re.compile(r"(\d{4})", re.ASCII)
_MONTH = re.compile(r"(\d{4})-?(\d\d)", re.ASCII)
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)
_HOUR = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)[T _-]?(\d\d)", re.ASCII)
_PLAIN = re.compile(r"(?:^|/)(\d{4})/(\d\d)(?:/(\d\d)(?:/(\d\d))?)?(?=/|$)", re.ASCII)


def value(path: str, key: str) -> str | None:
    """Return the value of a partition key in a path, None if no folder has it. For `year`, `month`,
    `day` and `hour` it is the whole date: `2026-11-30`."""
    folders = _folders(path)
    if key in _PARTS and any(folder.startswith("year=") for folder in folders):
        return date(path)
    return _named(folders, key)


def date(path: str) -> str | None:
    """Return the date, and the hour if there is one, in the folders of a path; else None."""
    folders = _folders(path)
    named = [each for part in _PARTS if (each := _named(folders, part)) is not None]
    if NO_VALUE in named:
        return NO_VALUE
    if _named(folders, "year") is not None:
        return _joined(takewhile(lambda part: part is not None, _every(folders)))
    dates = _PLAIN.findall("/".join(folders))
    return _joined(part for part in dates[-1] if part) if dates else None


def span(text: str) -> Window | None:
    """Return the time range of a value: a year, month, day or hour, or one second for a timestamp;
    None if it is not a time. Without a zone it is UTC."""
    if hour := _HOUR.fullmatch(text):
        return _range("{}-{}-{}T{}:00".format(*hour.groups()), 3_600)
    if day := _DAY.fullmatch(text):
        return _range("-".join(day.groups()), timestamps.DAY_SECONDS)
    if month := _MONTH.fullmatch(text):
        year, number = map(int, month.groups())
        return _between((year, number), (year + number // 12, number % 12 + 1))
    if _YEAR.fullmatch(text):
        return _between((int(text), 1), (int(text) + 1, 1))
    return _range(text, 1)


def _folders(path: str) -> list[str]:
    return path.split("/")[:-1]


def _named(folders: Sequence[str], key: str) -> str | None:
    start = f"{key}="
    matching = [part for part in folders if part.startswith(start)]
    return unquote(matching[-1].removeprefix(start)) if matching else None


def _every(folders: Sequence[str]) -> Iterable[str | None]:
    return (_named(folders, part) for part in _PARTS)


def _joined(parts: Iterable[str | None]) -> str:
    """`2026-11-30T06` of 2026, 11, 30 and 6."""
    digits = [(part or "").zfill(2) for part in parts]
    day = "-".join(digits[:3])
    return f"{day}T{digits[3]}" if len(digits) > 3 else day


def _between(start: tuple[int, int], end: tuple[int, int]) -> Window | None:
    first, last = (timestamps.read(f"{year:04d}-{month:02d}-01") for year, month in (start, end))
    return None if first is None or last is None else Window(first, last)


def _range(text: str, seconds: int) -> Window | None:
    start = timestamps.read(text)
    return None if start is None else Window(start, start + seconds)
