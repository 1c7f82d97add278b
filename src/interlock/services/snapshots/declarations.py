"""Reads the manifests of a revision; of a later revision only those that differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from interlock import manifests
from interlock.domain.basics.diagnostics import Diagnostic
from interlock.domain.model.manifest import Manifest
from interlock.pipelines import Shelf, tree_changes
from interlock.ports.git import Tree

Declaration = tuple[Manifest | None, tuple[Diagnostic, ...]]
"""A manifest and its problems; None for an invalid one."""


class Declarations:
    """With `only`, paths of manifests, a revision has only these."""

    def __init__(self, shelf: Shelf, only: tuple[str, ...] | None) -> None:
        self._shelf, self._only = shelf, only
        self._latest: tuple[Tree, str] | None = None
        self._read: Mapping[str, Declaration] = {}

    def read(self, tree: Tree, pattern: str) -> Mapping[str, Declaration]:
        """Return the manifests of a tree by their paths, in their order."""
        if self._latest is None or self._latest[1] != pattern:
            every = manifests.search(tree.named, pattern) if self._only is None else self._only
            self._read = self._parse(tree, every)
        else:
            changed = tree_changes.find(self._latest[0], tree)
            differ = manifests.find(changed, pattern) if self._only is None else self._only
            kept = {path: each for path, each in self._read.items() if path not in changed}
            new = self._parse(tree, changed.intersection(differ))
            self._read = dict(sorted((kept | new).items())) if new else kept
        self._latest = (tree, pattern)
        return self._read

    def _parse(self, tree: Tree, paths: Iterable[str]) -> dict[str, Declaration]:
        entries = ((path, tree.entries.get(path)) for path in paths)
        files = [path for path, entry in entries if entry and entry.mode.startswith("100")]
        self._shelf.fetch(tree, files)
        return {path: self._shelf.read(tree, path, _read_manifest) for path in files}


def _read_manifest(data: bytes, *, path: str) -> Declaration:
    return manifests.read(data, path=path)
