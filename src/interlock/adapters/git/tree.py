"""Reads the files of one revision from Git objects alone: no checkout, no index.

The network is used only for objects that a partial clone lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from interlock import errors
from interlock.adapters.git import program
from interlock.adapters.git.objects import Objects
from interlock.adapters.git.partial import Clone
from interlock.ports.git import TreeEntry

_BLOBS = frozenset({"100644", "100755", "120000", "100664"})


class GitTree:
    def __init__(self, directory: Path, revision: str, objects: Objects, clone: Clone) -> None:
        self._directory = directory
        self._revision = revision
        self._objects = objects
        self._clone = clone

    @property
    def revision(self) -> str:
        return self._revision

    @cached_property
    def entries(self) -> Mapping[str, TreeEntry]:
        listing = self._listing()
        return {entry.path: entry for entry in map(_entry, listing.split("\0")[:-1])}

    def _listing(self) -> str:
        arguments = ("ls-tree", "-r", "-t", "-z", "--full-tree", self._revision)
        try:
            return program.run(self._directory, *arguments)
        except errors.CannotReachGit:
            if not self._clone.bring_folders(self._revision):
                raise
            return program.run(self._directory, *arguments)

    @cached_property
    def _folders(self) -> dict[str, list[str]]:
        folders: dict[str, list[str]] = {}
        for path in self.entries:
            folders.setdefault(path.rpartition("/")[0], []).append(path)
        return folders

    def read(self, path: str) -> bytes | None:
        return self.read_many([path]).get(path)

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        entries = (self.entries.get(path) for path in paths)
        ids = {e.path: e.object_id for e in entries if e is not None and e.mode in _BLOBS}
        content = self._objects.read(ids.values())
        return {path: content[object_id] for path, object_id in ids.items()}

    def children(self, folder: str) -> tuple[str, ...]:
        return tuple(self._folders.get(folder.strip("/"), ()))


def _entry(line: str) -> TreeEntry:
    """Parse `<mode> <type> <object>\t<path>`, the format of `git ls-tree`."""
    meta, path = line.split("\t", 1)
    mode, _, object_id = meta.split(" ")
    return TreeEntry(path=path, mode=mode, object_id=object_id)
