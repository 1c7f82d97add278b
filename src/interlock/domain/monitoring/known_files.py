"""The files of live data with known times, read from a few records of windows.

A record of a window lists the files that were checked for it. Some records also list those of many
windows before, as in a log-structured merge tree: of two neighbouring lists the older one is more
than twice as long. So few lists have all files, and a file is written again a few times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from interlock.domain.monitoring.windows import FileTimeRange

MOST_LISTS = 20
"""More lists are joined at any length: those of earlier versions have one window each."""
MOST_FILES = 50_000
"""Longer lists are not joined: a record has a limit of size."""


@dataclass(frozen=True, slots=True)
class KnownFiles:
    """The files that were checked for the windows that ended after the time `after` until a window.

    `older` are the ends of the windows with the lists before, newest first, so that they can be
    fetched together.
    """

    after: int
    files: tuple[FileTimeRange, ...]
    older: tuple[int, ...] = ()


def merge(lists: Iterable[KnownFiles]) -> dict[str, FileTimeRange]:
    """Return the last entry of each file by name; the newest list is first."""
    files: dict[str, FileTimeRange] = {}
    for each in lists:
        _add(each, files)
    return files


def join(lists: Mapping[int, KnownFiles]) -> KnownFiles:
    """Return the newest list, joined with older ones; by the end of the window, newest first."""
    files: dict[str, FileTimeRange] = {}
    ends = tuple(lists)
    after = 0
    for place, each in enumerate(lists.values()):
        if place and not _joins(len(each.files), len(files), left=len(lists) - place):
            return KnownFiles(after, tuple(files.values()), ends[place:])
        _add(each, files)
        after = each.after
    return KnownFiles(after, tuple(files.values()))


def _joins(older: int, newer: int, *, left: int) -> bool:
    return older + newer <= MOST_FILES and (older <= 2 * newer or left > MOST_LISTS)


def _add(older: KnownFiles, files: dict[str, FileTimeRange]) -> None:
    for file in reversed(older.files):
        files.setdefault(file.name, file)
