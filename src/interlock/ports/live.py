"""The port for live data: the files of one window, or all files, on this disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from interlock.domain.monitoring.windows import FileTimeRange, LiveSlice, Window

Known = Callable[[], Mapping[str, FileTimeRange]]
"""Returns files with known times, by name; called only if a column has the times."""


def nothing_known() -> Mapping[str, FileTimeRange]:
    return {}


class Live(Protocol):
    """A source is a glob, file, folder or DVC pointer relative to the repository, or an fsspec URL.
    Copies are deleted when the context ends.

    Both methods raise CannotResolve for a source without files, CannotReachRemote if a store fails,
    and OutsideFailure for a file that changed meanwhile.
    """

    def fetch_window(
        self, source: str, *, time: str, window: Window, known: Known = nothing_known
    ) -> AbstractContextManager[LiveSlice]:
        """Return the rows of one window.

        If `time` is a partition key, or no column and folders have dates, only files of the window
        are opened. Otherwise `time` is a column, and a `known` file with the same state is opened
        only if it has rows of the window. Unreadable files are reported as faulty. Raises
        CannotProfile if no file has the column, and for partitions longer than the window.
        """
        ...

    def fetch_all(self, source: str) -> AbstractContextManager[tuple[str, ...]]:
        """Return all files of a source, such as reference data or labels."""
        ...
