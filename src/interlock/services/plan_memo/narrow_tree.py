"""A tree of which some searches for names are answered without reading its folders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from interlock.ports.git import Tree, TreeEntry
from interlock.services.plan_memo.memo import Listings


class NarrowTree:
    """`listings` are the paths that searches of the whole tree return, by the ends of names."""

    def __init__(self, tree: Tree, listings: Listings) -> None:
        self._tree, self._listings = tree, listings

    @property
    def revision(self) -> str:
        return self._tree.revision

    @property
    def entries(self) -> Mapping[str, TreeEntry]:
        return self._tree.entries

    def named(self, ends: tuple[str, ...], *, below: str = "") -> tuple[str, ...]:
        listed = None if below else self._listings.get(ends)
        return self._tree.named(ends, below=below) if listed is None else listed

    def read(self, path: str) -> bytes | None:
        return self._tree.read(path)

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        return self._tree.read_many(paths)

    def children(self, folder: str) -> tuple[str, ...]:
        return self._tree.children(folder)
