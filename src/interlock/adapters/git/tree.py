"""Reads the files of one revision from Git objects alone: no checkout, no index.

The network is used only for objects that a partial clone lacks.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from interlock.adapters.git.entries import Entries
from interlock.adapters.git.folders import Folders
from interlock.adapters.git.objects import Objects

_BLOBS = frozenset({"100644", "100755", "120000", "100664"})


class GitTree:
    """`folders` are those of the repository, which its trees share."""

    def __init__(self, revision: str, objects: Objects, folders: Folders) -> None:
        self._revision = revision
        self._objects = objects
        self._folders = folders

    @property
    def revision(self) -> str:
        return self._revision

    @cached_property
    def entries(self) -> Entries:
        return Entries(self._folders, self._objects.root(self._revision))

    def read(self, path: str) -> bytes | None:
        return self.read_many([path]).get(path)

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        entries = (self.entries.get(path) for path in paths)
        ids = {e.path: e.object_id for e in entries if e is not None and e.mode in _BLOBS}
        content = self._objects.read(ids.values())
        return {path: content[object_id] for path, object_id in ids.items()}

    def children(self, folder: str) -> tuple[str, ...]:
        return self.entries.children(folder.strip("/"))

    def named(self, ends: tuple[str, ...], *, below: str = "") -> tuple[str, ...]:
        return self.entries.named(ends, below)
