"""A repository that does not change: every result of Git is read once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from interlock.ports.git import Repository, Tree, TreeEntry

_READS = {
    "resolve",
    "tree",
    "merge_base",
    "is_ancestor",
    "commits",
    "position",
    "parents",
    "find_ref",
    "last_change",
    "log",
}


class Remembering:
    """Fetching finds everything there; writing is not possible."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._results: dict[object, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name not in _READS:
            raise AttributeError(name)

        def ask(*arguments: str, **named: str) -> Any:
            key = (name, *arguments, *sorted(named.items()))
            if key not in self._results:
                value = getattr(self._repository, name)(*arguments, **named)
                self._results[key] = RememberingTree(value) if name == "tree" else value
            return self._results[key]

        return ask

    def fetch(self, _: str, **__: object) -> bool:
        return True

    def fetch_along(self, *_: str) -> None:
        """Everything is there."""


class RememberingTree:
    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._read: dict[str, bytes | None] = {}

    @property
    def revision(self) -> str:
        return self._tree.revision

    @property
    def entries(self) -> Mapping[str, TreeEntry]:
        return self._tree.entries

    def read(self, path: str) -> bytes | None:
        if path not in self._read:
            self._read[path] = self._tree.read(path)
        return self._read[path]

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        return {path: data for path in paths if (data := self.read(path)) is not None}

    def named(self, ends: tuple[str, ...], *, below: str = "") -> tuple[str, ...]:
        return self._tree.named(ends, below=below)

    def children(self, folder: str) -> tuple[str, ...]:
        return self._tree.children(folder)
