"""Caches blobs and values parsed from them, by content."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from interlock import errors
from interlock.domain.basics import parse_limits
from interlock.ports.git import Tree, TreeEntry
from interlock.yaml_reader import file_errors
from interlock.yaml_reader.positions import START

_T = TypeVar("_T")
_Made = TypeVar("_Made", covariant=True)  # noqa: PLC0105 - the name that a reader of it expects


class BlobReader(Protocol[_Made]):
    """Makes something of a blob; raises CannotFingerprint, or TooMuch."""

    @property
    def __name__(self) -> str: ...
    def __call__(self, data: bytes, *, path: str) -> _Made: ...


class Shelf:
    """Shared by the revisions of one plan, so that an unchanged file is read and parsed once."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}
        self._made: dict[tuple[str, str, str], Any] = {}

    def fetch(self, tree: Tree, paths: Iterable[str]) -> None:
        """Read missing blobs in one request; skips paths that are not files."""
        entries = tree.entries
        wanted = map(entries.get, paths)
        missing = {_known_as(entry): entry.path for entry in wanted if entry is not None}
        missing = {blob: path for blob, path in missing.items() if blob not in self._blobs}
        if missing:
            for path, data in tree.read_many(missing.values()).items():
                self._blobs[_known_as(entries[path])] = data

    def content(self, tree: Tree, path: str) -> bytes:
        blob = _known_as(tree.entries[path])
        if blob not in self._blobs:
            self._blobs[blob] = tree.read(path) or b""
        return self._blobs[blob]

    def read(self, tree: Tree, path: str, reader: BlobReader[_T]) -> _T:
        """Return what `reader` makes of a file, made once for a path and content.

        What it raised the first time it raises again.
        """
        key = (reader.__name__, path, _known_as(tree.entries[path]))
        if key not in self._made:
            try:
                self._made[key] = reader(self.content(tree, path), path=path)
            except errors.CannotFingerprint as error:
                self._made[key] = error
            except parse_limits.TooMuch as error:
                self._made[key] = file_errors.refuse(path, START, error.message, error.hint)
        made = self._made[key]
        if isinstance(made, errors.CannotFingerprint):
            raise made
        parsed: _T = made
        return parsed


def _known_as(entry: TreeEntry) -> str:
    """What tells contents apart: the object; the path of a file that is none yet."""
    return entry.object_id or entry.path
