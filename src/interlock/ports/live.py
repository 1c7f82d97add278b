"""What is asked of live data: the files of one window, or all there are, on this disk."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from interlock.domain.windows import LiveSlice, Window


class Live(Protocol):
    """Sources are as a manifest's noun has them: a glob, file, folder or DVC pointer's path,
    relative to the repository, or a URL of fsspec's. What was copied is gone when the context ends.

    Both raise CannotResolve for a source that nothing matches, CannotReachRemote for a store that
    refuses, and CannotProfile naming the file that cannot be read or changed meanwhile.
    """

    def fetch_window(
        self, source: str, *, time: str, window: Window
    ) -> AbstractContextManager[LiveSlice]:
        """The rows of one window. `time` is the key of the partitions in the paths, and then no
        file of another window is opened; else it is a column. Raises CannotProfile where it is
        neither, or holds what is no moment."""
        ...

    def fetch_all(self, source: str) -> AbstractContextManager[tuple[str, ...]]:
        """Every file of a source: a reference, or labels."""
        ...
