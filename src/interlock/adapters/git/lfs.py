"""Git LFS: pointers to content, and where a clone keeps it; nothing is fetched."""

from __future__ import annotations

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from interlock import errors
from interlock.adapters.git import program

# https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md: version first, keys in order, LF.
_POINTER = re.compile(
    rb"version https://(?:git-lfs\.github\.com|hawser\.github\.com)/spec/v1\n"
    rb"(?:ext-\d-[^\n]*\n)*oid sha256:([0-9a-f]{64})\nsize (\d+)\n?\Z"
)
_LONGEST = 1024
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Pointer:
    sha256: str
    size: int


def parse(data: bytes) -> Pointer | None:
    """Return what a blob points to, None when it is no pointer of Git LFS."""
    found = _POINTER.match(data) if len(data) <= _LONGEST else None
    return None if found is None else Pointer(found[1].decode(), int(found[2]))


def find(root: Path, pointer: Pointer) -> Path | None:
    """Return where the clone at `root` keeps the content, None when it does not."""
    name = pointer.sha256
    place = _store(root) / "objects" / name[:2] / name[2:4] / name
    return place if place.is_file() else None


def _store(root: Path) -> Path:
    common = program.run(root, "rev-parse", "--path-format=absolute", "--git-common-dir")
    done = program.attempt(root, "config", "--type=path", "--get", "lfs.storage")
    return Path(common, done.stdout.decode().strip() or "lfs")


def copy(source: Path, place: Path, pointer: Pointer, *, path: str) -> str:
    """Copy the content and return its MD5; raises OutsideFailure when it is not what its name
    says. The two digests are computed side by side while it is read once."""
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
