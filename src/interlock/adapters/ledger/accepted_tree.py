"""The tree of the ledger's head with the records that count instead of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from interlock.ports.git import FOLDER, Tree


class AcceptedTree:
    """At each path of `exceptions` counts this blob instead of the tree's; None for no file."""

    def __init__(
        self,
        tree: Tree,
        exceptions: Mapping[str, str | None],
        contents: Callable[[Iterable[str]], Iterator[bytes]],
    ) -> None:
        self._tree = tree
        self._exceptions = exceptions
        self._contents = contents

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        wanted = tuple(paths)
        own = self._tree.read_many(path for path in wanted if path not in self._exceptions)
        blobs = {p: blob for p in wanted if (blob := self._exceptions.get(p)) is not None}
        return {**own, **dict(zip(blobs, self._contents(blobs.values()), strict=True))}

    def named(self, ends: tuple[str, ...], *, below: str) -> tuple[str, ...]:
        """Files below a folder whose name ends with one of `ends`. A folder may have such a name,
        and then it has no record."""
        entries, inside = self._tree.entries, self._tree.named(ends, below=below)
        own = (p for p in inside if p not in self._exceptions and entries[p].mode != FOLDER)
        other = (path for path in self._others(below) if path.endswith(ends))
        return tuple(sorted({*own, *other}))

    def children(self, folder: str) -> tuple[str, ...]:
        """Paths directly inside a folder; a folder inside has a file below it."""
        start = f"{folder}/" if folder else ""
        others = {start + path[len(start) :].partition("/")[0] for path in self._others(folder)}
        own = filter(self._has_files, self._tree.children(folder))
        return tuple(sorted({*others, *own}))

    def _others(self, folder: str) -> Iterator[str]:
        start = f"{folder}/" if folder else ""
        return (p for p, b in self._exceptions.items() if b is not None and p.startswith(start))

    def _has_files(self, path: str) -> bool:
        """Return True if one of the tree's own files at a path or below it counts."""
        if path in self._exceptions:
            return False
        if not any(each.startswith(f"{path}/") for each in self._exceptions):
            return True
        entries, inside = self._tree.entries, self._tree.named(("",), below=path)
        return any(p not in self._exceptions and entries[p].mode != FOLDER for p in inside)
