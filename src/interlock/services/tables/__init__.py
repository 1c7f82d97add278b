"""Says whether a data file may be read, before anything of it is decoded in this process.

What is hostile in a file of text can be seen in its bytes. A Parquet file is decoded once by a
process of its own, with a bound on its memory, because a file may break whatever decodes it: an
allocation that fails ends a process, and no `except` helps.
"""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path

from interlock.domain.basics.table_limits import ReadMode
from interlock.services.tables import examiner, texts

__all__ = ["ReadMode", "is_parquet", "refusal"]

_MAGIC, _ENCRYPTED = b"PAR1", b"PARE"
_NO_FILES = (
    (stat.S_ISFIFO, "is a pipe, and no file: write it to a file first"),
    (stat.S_ISDIR, "is a folder, and no file"),
)
"""A pipe can be read but once: what tells its kind, it would lack then. A device has no end."""
_EVERY = ("*",)


def refusal(
    path: Path, *, use: ReadMode, include: Sequence[str] = _EVERY, exclude: Sequence[str] = ()
) -> str:
    """Say why a file may not be read, as a clause that follows its name; "" where it may.

    `include` and `exclude` are patterns of the columns that are read. Raises OSError for a file
    that cannot be opened, and OutsideFailure where no process can be started.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        return next(
            (reason for is_one, reason in _NO_FILES if is_one(status.st_mode)), "is no file"
        )
    head = _head(path)
    if head == _ENCRYPTED:
        return "is encrypted Parquet: write it without encryption"
    if head != _MAGIC:
        return texts.refusal(path, use)
    stamp = status.st_size, status.st_mtime_ns, status.st_ino
    job = examiner.DecodeJob(str(path.absolute()), use, tuple(include), tuple(exclude), stamp)
    return examiner.ask(job)


def is_parquet(path: Path) -> bool:
    """By its first bytes; the name says nothing."""
    return _head(path) == _MAGIC


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_MAGIC))
