"""Live data by window: found where it lies, brought here, and cut to the rows that count."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interlock import errors
from interlock.adapters.live import cutting, footers, stores
from interlock.adapters.live.stores import Disk, Remote, Store
from interlock.domain import monitor, partitions
from interlock.domain.windows import LiveSlice, Window

__all__ = ["FileLive"]

_POINTER = ".dvc"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class _Found:
    """What a source stands for: paths of one store."""

    store: Store
    paths: tuple[str, ...]


class FileLive:
    """The live data of ports.live. `open_dvc` opens what DVC tracks below a folder as a file system
    of fsspec's: it is asked only for what is not on this disk."""

    def __init__(self, root: Path, *, open_dvc: Callable[[Path], Any]) -> None:
        self._root = root
        self._open_dvc = open_dvc
        # A month of windows is one listing: what comes meanwhile, the next run sees.
        self._listed: dict[str, _Found] = {}

    @contextmanager
    def fetch_window(self, source: str, *, time: str, window: Window) -> Iterator[LiveSlice]:
        found = self._list(source)
        with _scratch() as scratch:
            if any(partitions.value(path, time) is not None for path in found.paths):
                yield _by_partition(found, time, window, scratch)
            else:
                yield _by_column(found, time, window, scratch)

    @contextmanager
    def fetch_all(self, source: str) -> Iterator[tuple[str, ...]]:
        found = self._list(source)
        with _scratch() as scratch:
            yield tuple(map(str, found.store.bring(found.paths, to=scratch)))

    def _list(self, source: str) -> _Found:
        if source not in self._listed:
            self._listed[source] = self._find(source)
        return self._listed[source]

    def _find(self, source: str) -> _Found:
        if monitor.is_url(source):
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
        return _Found(store, tuple(paths))

    def _nothing(self, source: str, pattern: str) -> errors.CannotResolve:
        if monitor.is_url(source):
            hint = "is the name of the bucket right, and that of every folder?"
        else:
            hint = _what_is_there(self._root, stores.plain_start(pattern))
        return errors.CannotResolve(f"no file matches {source}", hint=hint)


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="interlock-live-") as folder:
        yield Path(folder)


def _by_partition(found: _Found, key: str, window: Window, scratch: Path) -> LiveSlice:
    """By the paths alone: no file of another window is opened, or leaves its store."""
    mine = [p for p in found.paths if _lies_inside(found.store.name(p), p, key, window)]
    files = found.store.bring(mine, to=scratch)
    names = dict(zip(map(str, files), map(found.store.name, mine), strict=True))
    return LiveSlice(window, tuple(names), names=names)


def _lies_inside(name: str, path: str, key: str, window: Window) -> bool:
    value = partitions.value(path, key)
    if value == partitions.NO_VALUE:
        return False
    span = None if value is None else partitions.span(value)
    if span is None:
        said = f"no partition {key}=…" if value is None else f"{key}={value}, which is no time"
        raise errors.CannotProfile(
            f"{name} has {said}",
            hint=f"name a day ({key}=2026-11-01) or an hour ({key}=2026-11-01T06) in each path",
        )
    if span.end <= window.start or window.end <= span.start:
        return False
    if span.start < window.start or window.end < span.end:
        raise errors.CannotProfile(
            f"{name} holds {span}, of which the window {window} is a part",
            hint="make windows of whole partitions, or set monitor.time to a column",
        )
    return True


def _by_column(found: _Found, time: str, window: Window, scratch: Path) -> LiveSlice:
    """By what each row says: a file that says at its end that no row can count is not brought."""
    files: list[str] = []
    untimed = 0
    for index, path in enumerate(found.paths):
        name = found.store.name(path)
        skipped = _skip(found.store, path, time, window)
        if skipped is not None:
            untimed += skipped
            continue
        (file,) = found.store.bring([path], to=scratch / f"whole-{index:06d}")
        part = scratch / f"cut-{index:06d}"
        cut = cutting.cut(file, name=name, time=time, window=window, to=part)
        untimed += cut.untimed
        if cut.file is not None:
            files.append(str(cut.file))
    return LiveSlice(window, tuple(files), untimed)


def _skip(store: Store, path: str, time: str, window: Window) -> int | None:
    remote = None if path.lower().endswith(".csv") else store.peek(path)
    if remote is None:
        return None
    with remote as file:
        return footers.rows_without_time(file, time=time, window=window)


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
