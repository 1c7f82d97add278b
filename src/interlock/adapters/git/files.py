"""Writes files as Git stores them; files of Git LFS get the content of their pointers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from interlock import errors
from interlock.adapters.git import lfs
from interlock.domain.training import lfs_pointer as pointers
from interlock.domain.training.training_tree import Blob

_AT_ONCE = 200
_FILE, _PROGRAM = 0o644, 0o755

ReadBlobs = Callable[[Iterable[str]], Mapping[str, bytes]]


def write(place: Path, data: bytes, *, is_executable: bool = False) -> str:
    """Write one file and return its MD5."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    place.chmod(_PROGRAM if is_executable else _FILE)
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def write_blobs(
    root: Path, read: ReadBlobs, blobs: Sequence[Blob], folder: Path, revision: str
) -> dict[str, str]:
    """Write files; files of Git LFS get the content of their pointers."""
    made: dict[str, str] = {}
    for start in range(0, len(blobs), _AT_ONCE):
        some = blobs[start : start + _AT_ONCE]
        content = read(blob.object_id for blob in some)
        made |= {b.path: _write(root, b, content[b.object_id], folder, revision) for b in some}
    return made


def _write(root: Path, blob: Blob, data: bytes, folder: Path, revision: str) -> str:
    """Write one file inside the folder. Git refuses paths outside of a tree only at a push, so that
    such a path is possible here."""
    if not {"..", "."}.isdisjoint(blob.path.split("/")) or blob.path.startswith("/"):
        raise errors.OutsideFailure(
            f"{blob.path!r} in the commit leads out of its tree",
            hint="git fsck names the tree; commit the files again without it",
        )
    place, pointer = folder / blob.path, pointers.parse(data)
    if pointer is None:
        return write(place, data, is_executable=blob.is_executable)
    source = lfs.find(root, pointer)
    if source is None:
        raise _absent(blob.path, pointer, revision)
    md5 = lfs.copy(source, place, pointer, path=blob.path)
    place.chmod(_PROGRAM if blob.is_executable else _FILE)
    return md5


def _absent(path: str, pointer: pointers.LfsPointer, revision: str) -> errors.OutsideFailure:
    return errors.OutsideFailure(
        f"{path} is in Git LFS, and its content (sha256 {pointer.sha256}, "
        f"{pointer.size_bytes:,} bytes) is not in this clone",
        hint=f"git lfs fetch origin {revision} --include={path!r}",
    )
