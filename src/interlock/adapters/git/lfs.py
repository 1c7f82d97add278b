"""Finds the content of Git LFS in a clone; nothing is fetched."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from interlock import errors
from interlock.adapters.git import program
from interlock.domain.training.lfs_pointer import LfsPointer

_PIECE = 1 << 20


def find(root: Path, pointer: LfsPointer) -> Path | None:
    """Return the file with the content in the clone at `root`, None if it is missing."""
    name = pointer.sha256
    place = _store(root) / "objects" / name[:2] / name[2:4] / name
    return place if place.is_file() else None


def _store(root: Path) -> Path:
    common = program.run(root, "rev-parse", "--path-format=absolute", "--git-common-dir")
    done = program.attempt(root, "config", "--type=path", "--get", "lfs.storage")
    return Path(common, done.stdout.decode().strip() or "lfs")


def copy(source: Path, place: Path, pointer: LfsPointer, *, path: str) -> str:
    """Copy the content and return its MD5; raises OutsideFailure if it does not match its name.
    Both digests are computed in one read."""
    place.parent.mkdir(parents=True, exist_ok=True)
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with source.open("rb") as old, place.open("wb") as new, ThreadPoolExecutor(1) as beside:
        while piece := old.read(_PIECE):
            other = beside.submit(md5.update, piece)
            sha256.update(piece)
            new.write(piece)
            other.result()
    if sha256.hexdigest() != pointer.sha256:
        raise errors.OutsideFailure(
            f"{path}: the clone's content of Git LFS is damaged: it has sha256 "
            f"{sha256.hexdigest()}, and {pointer.sha256} was committed",
            hint=f"delete {source} and run `git lfs fetch`",
        )
    return md5.hexdigest()
