"""Checks if a data file may be read, before this process decodes it.

The bytes of a text file show whether it is hostile. A Parquet file is decoded once by a separate
process, with a limit on its memory, because a file may crash its decoder: a failed allocation ends
the process, and `except` does not catch it.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from interlock.domain.basics import csv_dialect
from interlock.domain.basics.refusal import Refusal
from interlock.domain.basics.table_limits import ReadMode
from interlock.services.tables import examiner, texts

__all__ = ["ReadMode", "is_parquet", "prepare", "refusal", "separator"]

_PROMPT = ("_RJEM_MALLOC_CONF", "dirty_decay_ms:0")
"""A setting of polars' allocator (jemalloc, `opt.dirty_decay_ms`). By default it keeps freed memory
for some time: 0.2 of 1.5 GB for 10 million rows."""

_MAGIC, _ENCRYPTED = b"PAR1", b"PARE"
_NO_FILES = (
    (stat.S_ISFIFO, "is a pipe, not a file: write it to a file first"),
    (stat.S_ISDIR, "is a folder, not a file"),
)
"""A pipe can be read only once, and a device has no end."""
_EVERY = ("*",)


def refusal(
    path: Path, *, use: ReadMode, include: Sequence[str] = _EVERY, exclude: Sequence[str] = ()
) -> Refusal | None:
    """Refuse a file that may not be read, with a clause that follows its name.

    `include` and `exclude` are patterns of the columns that are read. Raises OSError for a file
    that cannot be opened, and OutsideFailure when no process can be started.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        reasons = (reason for is_one, reason in _NO_FILES if is_one(status.st_mode))
        return Refusal(next(reasons, "is not a file"))
    head = _head(path)
    if head == _ENCRYPTED:
        return Refusal("is encrypted Parquet: write it without encryption")
    if head != _MAGIC:
        return texts.refusal(path, use)
    stamp = status.st_size, status.st_mtime_ns, status.st_ino
    job = examiner.DecodeJob(str(path.absolute()), use, tuple(include), tuple(exclude), stamp)
    return examiner.ask(job)


def prepare(path: Path) -> None:
    """Start the process for a Parquet file: it imports its packages while this one does other work.

    Called before the first import of polars, which then returns freed memory to the system at once.
    A file that cannot be opened is an error where it is read. Raises OutsideFailure as `refusal`.
    """
    os.environ.setdefault(*_PROMPT)
    with contextlib.suppress(OSError):
        if path.is_file() and is_parquet(path):
            examiner.start()


def is_parquet(path: Path) -> bool:
    """True if the first bytes are those of Parquet; the file name does not count."""
    return _head(path) == _MAGIC


def separator(path: Path) -> str:
    """Return the separator of a CSV file, by its beginning."""
    with path.open("rb") as file:
        head = file.read(csv_dialect.HEAD_BYTES)
    return csv_dialect.separator(head.decode(errors="replace"))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_MAGIC))
