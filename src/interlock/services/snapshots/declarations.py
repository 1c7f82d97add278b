"""Reads the manifests of a revision; of a later revision only those that differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from interlock import manifests
from interlock.domain.basics.diagnostics import Diagnostic
from interlock.domain.model.manifest import Manifest
from interlock.pipelines import Shelf, tree_changes
from interlock.ports.git import Tree

Declaration = tuple[Manifest | None, tuple[Diagnostic, ...]]
"""One model of a manifest and its problems; None for an invalid one."""


class Declarations:
    """With `only`, paths of manifests, a revision has only these."""

    def __init__(self, shelf: Shelf, only: tuple[str, ...] | None) -> None:
        self._shelf, self._only = shelf, only
        self._latest: tuple[Tree, tuple[str, ...]] | None = None
        self._read: Mapping[str, tuple[Declaration, ...]] = {}

    def read(self, tree: Tree, patterns: tuple[str, ...]) -> Mapping[str, tuple[Declaration, ...]]:
        """Return the models of each manifest of a tree by its path, in their order."""
        if self._latest is None or self._latest[1] != patterns:
            every = manifests.search_all(tree.named, patterns) if self._only is None else self._only
            self._read = self._parse(tree, every)
        else:
            changed = tree_changes.find(self._latest[0], tree)
            differ = manifests.find_all(changed, patterns) if self._only is None else self._only
            kept = {path: each for path, each in self._read.items() if path not in changed}
            new = self._parse(tree, changed.intersection(differ))
            self._read = dict(sorted((kept | new).items())) if new else kept
        self._latest = (tree, patterns)
        return self._read

    def _parse(self, tree: Tree, paths: Iterable[str]) -> dict[str, tuple[Declaration, ...]]:
        entries = ((path, tree.entries.get(path)) for path in paths)
        files = [path for path, entry in entries if entry and entry.mode.startswith("100")]
        self._shelf.fetch(tree, files)
        return {path: self._shelf.read(tree, path, _read_manifest) for path in files}


def _read_manifest(data: bytes, *, path: str) -> tuple[Declaration, ...]:
    if b"models" not in data:
        return (manifests.read(data, path=path),)
    from interlock.manifests import family  # noqa: PLC0415 - few manifests have several models

    return family.read(data, path=path)
