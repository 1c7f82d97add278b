"""Files of submodules by their commit, from any clone of the submodule on this machine."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from pathlib import Path

from interlock import errors
from interlock.adapters.git import files, program
from interlock.adapters.git.cat_file import CatFile
from interlock.adapters.git.folders import Folders
from interlock.adapters.git.objects import Objects
from interlock.adapters.git.partial import Clone
from interlock.adapters.git.tree import GitTree
from interlock.domain.training.training_tree import Blob
from interlock.ports.git import FOLDER, LINK, PROGRAM, SUBMODULE


def export(root: Path, path: str, commit: str, folder: Path, *, above: str = "") -> dict[str, str]:
    """Write a submodule's files of a commit below `folder`/`path`, and return the MD5 of each.

    `root` is the repository that the submodule belongs to, `above` its own place if it is a
    submodule itself. Raises OutsideFailure if no clone has the commit.
    """
    clone = next(filter(lambda place: _has(place, commit), _clones(root, path)), None)
    if clone is None:
        raise errors.OutsideFailure(
            f"the submodule {above}{path} is not here at {commit}, which is the one to train with",
            hint=f"git submodule update --init --recursive {above}{path}",
        )
    objects = Objects(Clone(clone, _common(clone) / "shallow"), CatFile(clone))
    tree = GitTree(commit, objects, Folders(objects))
    (folder / path).mkdir(parents=True, exist_ok=True)
    listed = [e for e in tree.entries.values() if e.mode != FOLDER]
    blobs = [
        Blob(f"{path}/{e.path}", e.object_id, e.mode == PROGRAM)
        for e in listed
        if e.mode not in (LINK, SUBMODULE)
    ]
    made = files.write_blobs(clone, objects.read, blobs, folder, commit)
    for entry in listed:
        if entry.mode == LINK:
            _link(tree, entry.path, folder / path)
        elif entry.mode == SUBMODULE:
            place = f"{above}{path}/"
            nested = export(clone, entry.path, entry.object_id, folder / path, above=place)
            made |= {f"{path}/{name}": md5 for name, md5 in nested.items()}
    return made


def _link(tree: GitTree, path: str, folder: Path) -> None:
    target = os.fsdecode(tree.read(path) or b"")
    leads = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    if target.startswith("/") or leads == ".." or leads.startswith("../"):
        raise errors.OutsideFailure(
            f"{path} of a submodule is a link that leaves it ({target})",
            hint="replace it by what it leads to",
        )
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).symlink_to(target)


def _clones(root: Path, path: str) -> Iterator[Path]:
    """Yield the submodule's own checkout, and Git's folder of submodules that are not checked
    out."""
    if (root / path / ".git").exists():
        yield root / path
    for head in sorted((_common(root) / "modules").rglob("HEAD")):
        if (head.parent / "objects").is_dir():
            yield head.parent


def _common(clone: Path) -> Path:
    return Path(program.run(clone, "rev-parse", "--path-format=absolute", "--git-common-dir"))


def _has(clone: Path, commit: str) -> bool:
    return program.attempt(clone, "cat-file", "-e", f"{commit}^{{commit}}").returncode == 0
