"""Compares two trees folder by folder; equal folders are not read.

A submodule does not count as a file: its id may be that of any file.
"""

from __future__ import annotations

from collections.abc import Iterator

from interlock.adapters.git.folders import Folders, Named
from interlock.ports.git import FOLDER, SUBMODULE


def between(
    folders: Folders, old: str | None, new: str
) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield each file that differs between two trees, with its object in both."""
    left: list[tuple[str, str | None, str | None]] = [("", old, new)]
    while left:
        above, *sides = left.pop()
        before, after = (_entries(folders, side) for side in sides)
        for name in {**before, **after}:
            entries = before.get(name), after.get(name)
            if entries[0] == entries[1]:
                continue
            one, other = (_of_kind(entry, is_folder=True) for entry in entries)
            if one or other:
                left.append((f"{above}{name}/", one, other))
            one, other = (_of_kind(entry, is_folder=False) for entry in entries)
            if one or other:
                yield above + name, one, other


def _entries(folders: Folders, tree: str | None) -> dict[str, Named]:
    folder = None if tree is None else folders.read(tree)
    entries = (folder.find(name) for name in folder.names) if folder else ()
    return {entry.name: entry for entry in entries if entry is not None}


def _of_kind(entry: Named | None, *, is_folder: bool) -> str | None:
    if entry is None or entry.mode == SUBMODULE:
        return None
    return entry.object_id if (entry.mode == FOLDER) is is_folder else None
