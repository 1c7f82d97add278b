"""Windows by what the folders of a path say: no file of another window is opened or leaves its
store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from interlock import errors
from interlock.adapters.live import row_filter
from interlock.adapters.live.stores import SourceFiles
from interlock.domain.monitoring import hive_partitions
from interlock.domain.monitoring.windows import FileTimeRange, LiveSlice, Window

Folders = Callable[[str], str | None]
"""What the folders of a path say of its time; None where they say nothing."""


def reading(found: SourceFiles, time: str, scratch: Path) -> Folders | None:
    """Return how the folders say when: by partitions of that name, or by dates where the files have
    no column of that name; None where a column says it."""
    if any(hive_partitions.value(path, time) is not None for path in found.paths):
        return lambda path: hive_partitions.value(path, time)
    dated = [path for path in found.paths if hive_partitions.date(path) is not None]
    return hive_partitions.date if dated and not _has_column(found, time, scratch) else None


def _has_column(found: SourceFiles, time: str, scratch: Path) -> bool:
    """By the first file that can be read."""
    for index, path in enumerate(found.paths):
        (file,) = found.store.bring([path], to=scratch / f"asked-{index:06d}")
        try:
            return row_filter.has_column(file, name=found.store.name(path), time=time)
        except row_filter.CannotUse:
            continue
    return False


def fetch(found: SourceFiles, folders: Folders, window: Window, scratch: Path) -> LiveSlice:
    mine: list[str] = []
    faulty: list[FileTimeRange] = []
    for path in found.paths:
        name, value = found.store.name(path), folders(path)
        if value == hive_partitions.NO_VALUE:
            continue
        span = None if value is None else hive_partitions.span(value)
        if span is None:
            faulty.append(FileTimeRange(name, "", "", fault=_fault(value)))
        elif _lies_inside(name, span, window):
            mine.append(path)
    files = found.store.bring(mine, to=scratch)
    names = dict(zip(map(str, files), map(found.store.name, mine), strict=True))
    seen = tuple(faulty)
    return LiveSlice(window, tuple(names), names=names, faulty=seen, looked=seen)


def _fault(value: str | None) -> str:
    if value is None:
        return "lies in no partition that names a time"
    return f"lies in a partition of {value}, which is no time"


def _lies_inside(name: str, span: Window, window: Window) -> bool:
    if span.end <= window.start or window.end <= span.start:
        return False
    if span.start < window.start or window.end < span.end:
        raise errors.CannotProfile(
            f"{name} holds {span}, of which the window {window} is a part",
            hint="make windows of whole partitions, or set monitor.time to a column",
        )
    return True
