"""Adds to the shared DVC cache what a job's copy has more, each object checked against its name.

Standard library only. It runs after the job, as another user, with no network and no credential.
Jobs only ever add: nothing in the shared cache is replaced, and nothing else of a job is taken.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

# An object of DVC 3 lies at files/md5/AA/BBBB…, named by its content; a folder's list has .dir.
_OBJECT = re.compile(r"files/md5/([0-9a-f]{2})/([0-9a-f]{30})(\.dir)?")
EXIT_REFUSED = 4
_CHUNK_BYTES = 1024 * 1024
_FREE_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Kept:
    """How many objects were added, were there, were passed over; bytes of those added."""

    added: int = 0
    known: int = 0
    passed_over: int = 0
    size_bytes: int = 0


def keep(copy: Path, shared: Path) -> Kept:
    """Add the objects of a job's `copy` to the `shared` cache.

    What is not named by its content is passed over: a wrong name, a symbolic link, a device, a
    file that cannot be read. Nothing is added that would leave less than a tenth of the disk.
    """
    added = known = passed_over = size = 0
    for name, folder in _files(copy):
        match = _OBJECT.fullmatch(name)
        target = shared / name
        if match and target.exists():
            known += 1
        elif match and (bytes_ := _add(folder, target, md5=match[1] + match[2])) is not None:
            added += 1
            size += bytes_
        else:
            passed_over += 1
    return Kept(added, known, passed_over, size)


def _files(top: Path) -> Iterator[tuple[str, int]]:
    """Every file below `top`, as its path from there, with a descriptor of its folder."""
    with suppress(OSError):  # the job removed or locked it: then there is nothing to take
        for root, _, names, folder in os.fwalk(top, follow_symlinks=False):
            for name in sorted(names):
                yield Path(root, name).relative_to(top).as_posix(), folder


def _add(folder: int, target: Path, *, md5: str) -> int | None:
    """Return the size of what was added, None when it may not be."""
    try:
        source = os.open(target.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return None
    with os.fdopen(source, "rb") as file:
        status = os.fstat(source)
        if not stat.S_ISREG(status.st_mode) or not _is_room_for(status.st_size, target):
            return None
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".adding-", dir=target.parent)
        try:
            return _place(file, handle, Path(temporary), target, md5=md5)
        finally:
            Path(temporary).unlink()


def _place(file: BinaryIO, handle: int, temporary: Path, target: Path, *, md5: str) -> int | None:
    digest = hashlib.md5(usedforsecurity=False)
    size = 0
    with os.fdopen(handle, "wb") as copy:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    if digest.hexdigest() != md5:
        return None
    temporary.chmod(0o444)
    with suppress(FileExistsError):  # another job's object of that name came first
        os.link(temporary, target)
    return size


def _is_room_for(size_bytes: int, target: Path) -> bool:
    place = next(parent for parent in target.parents if parent.exists())
    disk = shutil.disk_usage(place)
    return disk.free - size_bytes >= disk.total * _FREE_SHARE


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("copy", type=Path, help="the job's DVC cache")
    parser.add_argument("shared", type=Path, help="the shared DVC cache")
    options = parser.parse_args(arguments)
    try:
        kept = keep(options.copy, options.shared)
    except OSError as error:
        print(f"nothing more is kept: {error}", file=sys.stderr)
        return EXIT_REFUSED
    print(
        f"{kept.added} objects added ({kept.size_bytes} bytes), {kept.known} were there, "
        f"{kept.passed_over} passed over",
        file=sys.stderr,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
