"""Windows by the dates in folder names: only files of the window are opened or copied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from interlock import errors
from interlock.adapters.live import row_filter
from interlock.adapters.live.stores import SourceFiles
from interlock.domain.monitoring import hive_partitions
from interlock.domain.monitoring.windows import FileTimeRange, LiveSlice, Window

FolderDate = Callable[[str], str | None]
"""Returns the date in the folders of a path; None if there is none."""


def choose(files: SourceFiles, time: str, scratch: Path) -> FolderDate | None:
    """Return the function that reads times from folders: partitions with the name `time`, else
    dates if the files have no such column. Return None if a column has the times."""
    if any(hive_partitions.value(path, time) is not None for path in files.paths):
        return lambda path: hive_partitions.value(path, time)
    dated = [path for path in files.paths if hive_partitions.date(path) is not None]
    return hive_partitions.date if dated and not _has_column(files, time, scratch) else None


def _has_column(files: SourceFiles, time: str, scratch: Path) -> bool:
    """True if the first readable file has the column."""
    for index, path in enumerate(files.paths):
        (file,) = files.store.fetch([path], to=scratch / f"schema-{index:06d}")
        try:
            return row_filter.has_column(file, name=files.store.name(path), time=time)
        except row_filter.UnreadableFileError:
            continue
    return False


def fetch(files: SourceFiles, date: FolderDate, window: Window, scratch: Path) -> LiveSlice:
    inside: list[str] = []
    faulty: list[FileTimeRange] = []
    for path in files.paths:
        name, value = files.store.name(path), date(path)
        if value == hive_partitions.NO_VALUE:
            continue
        span = None if value is None else hive_partitions.span(value)
        if span is None:
            faulty.append(FileTimeRange(name, "", "", fault=_fault(value)))
        elif _is_inside(name, span, window):
            inside.append(path)
    copies = files.store.fetch(inside, to=scratch)
    names = dict(zip(map(str, copies), map(files.store.name, inside), strict=True))
    unreadable = tuple(faulty)
    return LiveSlice(window, tuple(names), names=names, faulty=unreadable, checked=unreadable)


def _fault(value: str | None) -> str:
    if value is None:
        return "is not in a partition with a date"
    return f"is in the partition {value!r}, which is not a valid timestamp"


def _is_inside(name: str, span: Window, window: Window) -> bool:
    if span.end <= window.start or window.end <= span.start:
        return False
    if span.start < window.start or window.end < span.end:
        raise errors.CannotProfile(
            f"{name} has rows of {span}, more than the window {window}",
            hint="make windows at least as long as a partition, or set monitor.time to a column",
        )
    return True
