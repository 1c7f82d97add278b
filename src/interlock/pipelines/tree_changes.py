"""Compares two revisions folder by folder: equal folders are not read."""

from __future__ import annotations

from interlock.ports.git import FOLDER, Tree


def find(old: Tree, new: Tree) -> frozenset[str]:
    """Return the paths, folders included, that differ between two trees of Git objects."""
    changed: set[str] = set()
    left = [""]
    while left:
        folder = left.pop()
        before = {path: old.entries[path] for path in old.children(folder)}
        after = {path: new.entries[path] for path in new.children(folder)}
        differ = {path for path, _ in before.items() ^ after.items()}
        changed |= differ
        entries = (side[path] for side in (before, after) for path in differ & side.keys())
        left += {entry.path for entry in entries if entry.mode == FOLDER}
    return frozenset(changed)
