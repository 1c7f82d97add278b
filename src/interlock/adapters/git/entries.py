"""The paths of one revision as a mapping that reads only the folders on the way to a path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from interlock.adapters.git.folders import Folder, Folders
from interlock.ports.git import FOLDER, TreeEntry

_UNKNOWN = TreeEntry("", "", "")


class Entries(Mapping[str, TreeEntry]):
    """Every path, folders included. Only iteration reads all folders."""

    def __init__(self, folders: Folders, root: str) -> None:
        self._folders = folders
        self._root = root
        self._opened: dict[str, Folder | None] = {"": folders.read(root)}
        self._known: dict[object, TreeEntry | None] = {}

    def get(self, path: object, default: Any = None) -> Any:
        entry = self._known.get(path, _UNKNOWN)
        if entry is _UNKNOWN:
            entry = self._known[path] = self._find(path) if isinstance(path, str) else None
        return entry or default

    def __getitem__(self, path: str) -> TreeEntry:
        entry: TreeEntry | None = self._known.get(path) or self.get(path)
        if entry is None:
            raise KeyError(path)
        return entry

    def __contains__(self, path: object) -> bool:
        return self.get(path) is not None

    def __iter__(self) -> Iterator[str]:
        yield from self._walk(self._root, ("",), "")

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def named(self, ends: tuple[str, ...], below: str) -> tuple[str, ...]:
        entry = self.get(below, TreeEntry(below, "", ""))
        root = entry.object_id if entry.mode == FOLDER else "" if below else self._root
        above = f"{below}/" if below else ""
        return tuple(self._walk(root, ends, above)) if root else ()

    def _walk(self, root: str, ends: tuple[str, ...], above: str) -> Iterator[str]:
        for below, entry in self._folders.walk(root, ends):
            path = above + below
            self._known[path] = TreeEntry(path, entry.mode, entry.object_id)
            yield path

    def children(self, folder: str) -> tuple[str, ...]:
        opened = self._open(folder)
        below = f"{folder}/" if folder else ""
        return tuple(below + name for name in opened.names) if opened else ()

    def _find(self, path: str) -> TreeEntry | None:
        folder, _, name = path.rpartition("/")
        opened = None if path.startswith("/") else self._open(folder)
        entry = opened.find(name) if opened else None
        return TreeEntry(path, entry.mode, entry.object_id) if entry else None

    def _open(self, path: str) -> Folder | None:
        """Return a folder, from the nearest open one above it down; None if there is none."""
        if path in self._opened:
            return self._opened[path]
        place, names = path, list[str]()
        while place not in self._opened:
            place, _, name = place.rpartition("/")
            names.append(name)
        folder = self._opened[place]
        for name in reversed(names):
            place = f"{place}/{name}" if place else name
            entry = folder.find(name) if folder else None
            is_folder = entry is not None and entry.mode == FOLDER
            folder = self._folders.read(entry.object_id) if entry and is_folder else None
            self._opened[place] = folder
        return folder
