"""Writes the files of a training's tree as Git stores them; no checkout, no conversion."""

from __future__ import annotations

from pathlib import Path

from interlock.adapters.git import conversions, files, submodules
from interlock.domain.training.training_tree import TrainingTree


def export(
    root: Path, read: files.ReadBlobs, tree: TrainingTree, folder: Path, *, revision: str
) -> dict[str, str]:
    """Write all files except the data below `folder`, and return the MD5 of each file by its path.

    Raises OutsideFailure for content that this clone lacks, and for files that a checkout would
    convert.
    """
    conversions.refuse(root, read, tree.blobs, revision=revision)
    for path in tree.folders:
        (folder / path).mkdir(parents=True, exist_ok=True)
    made = {path: files.write(folder / path, text.encode()) for path, text in tree.texts.items()}
    for path, text in tree.pointers.items():
        files.write(folder / path, text.encode("utf-8", "surrogateescape"))
    made |= files.write_blobs(root, read, tree.blobs, folder, revision)
    for path, commit in tree.submodules.items():
        made |= submodules.export(root, path, commit, folder)
    return made
