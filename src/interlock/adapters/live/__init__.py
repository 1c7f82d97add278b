"""Live data by window: find files, copy them if they are remote, and select rows."""

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
    """Implements ports.live. `open_dvc` opens the files that DVC tracks in a folder as an fsspec
    file system; it is used only for files that are not on this disk."""

    def __init__(self, root: Path, *, open_dvc: Callable[[Path], Any]) -> None:
        self._root = root
        self._open_dvc = open_dvc
        # One listing per source: the next run finds files that are added meanwhile.
        self._listed: dict[str, SourceFiles] = {}
        self._dates: dict[tuple[str, str], by_folder.FolderDate | None] = {}
        self._columns: dict[tuple[str, str], FilesByColumn] = {}

    @contextmanager
    def fetch_window(
        self, source: str, *, time: str, window: Window, known: Known = nothing_known
    ) -> Iterator[LiveSlice]:
        files = self._list(source)
        with _scratch() as scratch:
            folder_date = self._folder_date(files, source, time, scratch)
            if folder_date is not None:
                yield by_folder.fetch(files, folder_date, window, scratch)
            else:
                columns = self._columns.setdefault((source, time), FilesByColumn(files, time))
                yield columns.fetch(window, scratch, known)

    def _folder_date(
        self, files: SourceFiles, source: str, time: str, scratch: Path
    ) -> by_folder.FolderDate | None:
        if (source, time) not in self._dates:
            self._dates[source, time] = by_folder.choose(files, time, scratch)
        return self._dates[source, time]

    @contextmanager
    def fetch_all(self, source: str) -> Iterator[tuple[str, ...]]:
        files = self._list(source)
        with _scratch() as scratch:
            yield tuple(map(str, files.store.fetch(files.paths, to=scratch)))

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
                with stores.store_errors(f"{source}, which DVC may track,"):
                    store = Remote(self._open_dvc(self._root))
                paths = store.find(pattern)
        if not paths:
            raise self._nothing(source, pattern)
        return SourceFiles(store, tuple(paths))

    def _nothing(self, source: str, pattern: str) -> errors.CannotResolve:
        if monitor_rules.is_url(source):
            hint = "check the names of the bucket and of every folder"
        else:
            hint = _existing_files(self._root, stores.plain_start(pattern))
        return errors.CannotResolve(f"no file matches {source}", hint=hint)


@contextmanager
def _scratch() -> Iterator[Path]:
    with temporary_folders.folder("live") as folder:
        yield folder


def _existing_files(root: Path, start: str) -> str:
    """The content of the deepest existing folder of a path."""
    folder = root / start
    while not folder.is_dir():
        folder = folder.parent
    names = _first(sorted(each.name for each in folder.iterdir() if not each.name.startswith(".")))
    path = folder.relative_to(root).as_posix()
    place = "the repository" if path == "." else path
    return f"{place} contains {names}; for data tracked by DVC give the path of the pointer"


def _first(names: Sequence[str]) -> str:
    if not names:
        return "nothing"
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
