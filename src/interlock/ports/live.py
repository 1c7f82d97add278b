"""What is asked of live data: the files of one window, or all there are, on this disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from interlock.domain.monitoring.windows import FileTimeRange, LiveSlice, Window

Known = Callable[[], Mapping[str, FileTimeRange]]
"""Files by name, as they were when they were looked at; asked for where a column says when."""


def nothing_known() -> Mapping[str, FileTimeRange]:
    return {}


class Live(Protocol):
    """Sources are as a manifest's noun has them: a glob, file, folder or DVC pointer's path,
    relative to the repository, or a URL of fsspec's. What was copied is gone when the context ends.

    Both raise CannotResolve for a source that nothing matches, CannotReachRemote for a store that
    refuses, and OutsideFailure naming the file that changed meanwhile.
    """

    def fetch_window(
        self, source: str, *, time: str, window: Window, known: Known = nothing_known
    ) -> AbstractContextManager[LiveSlice]:
        """The rows of one window. `time` is the key of the partitions in the paths, or no column,
        and the folders spell dates: then no file of another window is opened. Else it is a column,
        and a file that is `known` in its state is opened only where it has rows of the window.

        A file that cannot be read, or whose times cannot be, is told as faulty. Raises
        CannotProfile where no file has such a column, and for partitions longer than the window.
        """
        ...

    def fetch_all(self, source: str) -> AbstractContextManager[tuple[str, ...]]:
        """Every file of a source: a reference, or labels."""
        ...
