"""Live data by window: found where it lies, brought here, and cut to the rows that count."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from interlock import errors
from interlock.adapters.live import by_folder, stores
from interlock.adapters.live.by_column import FilesByColumn
from interlock.adapters.live.stores import Disk, Remote, SourceFiles
from interlock.domain.model import monitor_rules
from interlock.domain.monitoring.windows import LiveSlice, Window
from interlock.ports.live import Known, nothing_known
from interlock.services import temporary_folders

__all__ = ["FileLive"]

_POINTER = ".dvc"
_SHOWN = 5


class FileLive:
    """The live data of ports.live. `open_dvc` opens what DVC tracks below a folder as a file system
    of fsspec's: it is asked only for what is not on this disk."""

    def __init__(self, root: Path, *, open_dvc: Callable[[Path], Any]) -> None:
        self._root = root
        self._open_dvc = open_dvc
        # A month of windows is one listing: what comes meanwhile, the next run sees.
        self._listed: dict[str, SourceFiles] = {}
        self._asked: dict[tuple[str, str], by_folder.Folders | None] = {}
        self._columns: dict[tuple[str, str], FilesByColumn] = {}

    @contextmanager
    def fetch_window(
        self, source: str, *, time: str, window: Window, known: Known = nothing_known
    ) -> Iterator[LiveSlice]:
        found = self._list(source)
        with _scratch() as scratch:
            folders = self._folders(found, source, time, scratch)
            if folders is not None:
                yield by_folder.fetch(found, folders, window, scratch)
            else:
                columns = self._columns.setdefault((source, time), FilesByColumn(found, time))
                yield columns.fetch(window, scratch, known)

    def _folders(
        self, found: SourceFiles, source: str, time: str, scratch: Path
    ) -> by_folder.Folders | None:
        if (source, time) not in self._asked:
            self._asked[source, time] = by_folder.reading(found, time, scratch)
        return self._asked[source, time]

    @contextmanager
    def fetch_all(self, source: str) -> Iterator[tuple[str, ...]]:
        found = self._list(source)
        with _scratch() as scratch:
            yield tuple(map(str, found.store.bring(found.paths, to=scratch)))

    def _list(self, source: str) -> SourceFiles:
        if source not in self._listed:
            self._listed[source] = self._find(source)
        return self._listed[source]

    def _find(self, source: str) -> SourceFiles:
        if monitor_rules.is_url(source):
            store, pattern = stores.open_url(source)
            paths = store.find(pattern)
        else:
            pattern = source.removesuffix(_POINTER)
            store = Disk(self._root)
            paths = store.find(pattern)
            if not paths and (self._root / ".dvc").is_dir():
                with stores.told(f"{source}, which DVC may track,"):
                    store = Remote(self._open_dvc(self._root))
                paths = store.find(pattern)
        if not paths:
            raise self._nothing(source, pattern)
        return SourceFiles(store, tuple(paths))

    def _nothing(self, source: str, pattern: str) -> errors.CannotResolve:
        if monitor_rules.is_url(source):
            hint = "is the name of the bucket right, and that of every folder?"
        else:
            hint = _what_is_there(self._root, stores.plain_start(pattern))
        return errors.CannotResolve(f"no file matches {source}", hint=hint)


@contextmanager
def _scratch() -> Iterator[Path]:
    with temporary_folders.folder("live") as folder:
        yield folder


def _what_is_there(root: Path, start: str) -> str:
    """The deepest folder of a path that exists, and what it holds."""
    folder = root / start
    while not folder.is_dir():
        folder = folder.parent
    names = _some(sorted(each.name for each in folder.iterdir() if not each.name.startswith(".")))
    where = folder.relative_to(root).as_posix()
    place = "the repository" if where == "." else where
    return f"{place} holds {names}; what DVC tracks is found by its pointer"


def _some(names: Sequence[str]) -> str:
    if not names:
        return "nothing"
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
