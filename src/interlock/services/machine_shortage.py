"""Finds the shortage of this machine that made a program fail, for example a full disk, and reports
the place and the free space. The output of any program is read, because a full disk is not a bug,
and not the fault of a model."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from interlock import errors
from interlock.domain.basics import figures

_ROOM = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
}
_ERRORS = _ROOM | {
    errno.EROFS: "the file system is read-only",
    errno.EMFILE: "too many files are open",
    errno.ENFILE: "too many files are open on this machine",
    errno.ENOMEM: "there is not enough memory",
}
_HINTS = {
    errno.ENOSPC: "free some disk space there, then run this again",
    errno.EDQUOT: "free some disk space there, or ask for a larger quota, then run this again",
    errno.EROFS: "name a place that may be written, then run this again",
    errno.EMFILE: "raise the limit (`ulimit -n`), then run this again",
    errno.ENFILE: "see what holds so many files open, then run this again",
    errno.ENOMEM: "give it more memory, then run this again",
}
# Other texts for the same: SQLite (https://www.sqlite.org/rescode.html#full), and Git about an
# index (csum-file.c).
_WORDS = {
    errno.ENOSPC: (os.strerror(errno.ENOSPC), "database or disk is full", "Out of diskspace"),
    errno.EDQUOT: (os.strerror(errno.EDQUOT),),
    errno.EROFS: (os.strerror(errno.EROFS), "attempt to write a readonly database"),
    errno.EMFILE: (os.strerror(errno.EMFILE),),
}
_NUMBER = re.compile(r"\[Errno \d+\] ")
_NEARLY_FULL = 0.01
_ENOUGH_BYTES = 16 << 20
_NO_ROOM_BYTES = 64 << 10


def of(error: BaseException, *, near: Iterable[Path] = ()) -> errors.ShortOfRoom | None:
    """Return the shortage that an error or one of its causes reports; None without one.

    `near` are places that may be full, in addition to the system's folder for temporary files.
    """
    for cause in _causes(error):
        if isinstance(cause, errors.ShortOfRoom):
            return cause
        if isinstance(cause, OSError) and cause.errno in _ERRORS:
            file = None if cause.filename is None else Path(os.fsdecode(cause.filename))
            return _tell(cause.errno, str(cause), file, near)
        if not isinstance(cause, (OSError, errors.InterlockError)):
            shortage = in_message(str(cause), near=near)
            if shortage is not None:
                return shortage
    return None


def in_message(text: str, *, near: Iterable[Path] = ()) -> errors.ShortOfRoom | None:
    """Return the shortage that the output of a program reports."""
    return _in_message(text, tuple(_WORDS), near)


def disk_in_message(text: str, *, near: Iterable[Path] = ()) -> errors.ShortOfRoom | None:
    """Return only a full disk: other shortages may be the fault of a user's program itself."""
    return _in_message(text, tuple(_ROOM), near)


def suspected(error: BaseException, *, near: Iterable[Path] = ()) -> errors.ShortOfRoom | None:
    """Return the shortage like `of`, and like `suspected_in` for the message of the error."""
    return of(error, near=near) or suspected_in(str(error), near=near)


def suspected_in(text: str, *, near: Iterable[Path] = ()) -> errors.ShortOfRoom | None:
    """Return the shortage like `in_message`. If the text reports none, return a full disk if one of
    the places is full, because some programs do not report the cause."""
    shortage, place = in_message(text, near=near), _fullest(near)
    if shortage is None and _free_bytes(place) < _NO_ROOM_BYTES:
        return _tell(errno.ENOSPC, text, place, ())
    return shortage


@contextmanager
def detected(*near: Path) -> Iterator[None]:
    """Raise the shortage in place of an error inside the block that reports one."""
    try:
        yield
    except Exception as error:
        shortage = of(error, near=near)
        if shortage is None or shortage is error:
            raise
        raise shortage from error


def _in_message(text: str, kinds: Iterable[int], near: Iterable[Path]) -> errors.ShortOfRoom | None:
    for line in reversed(text.splitlines()):
        for number in kinds:
            if any(words in line for words in _WORDS[number]):
                return _tell(number, line.strip(), None, near)
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    visited: list[BaseException] = []
    while error is not None and error not in visited:
        yield error
        visited.append(error)
        error = error.__cause__ or error.__context__


def _tell(number: int, words: str, file: Path | None, near: Iterable[Path]) -> errors.ShortOfRoom:
    place = _place(file, near) if number in _ROOM else ""
    where = f": {place}" if place else ""
    details = " ".join(_NUMBER.sub("", words).split())[:500]
    return errors.ShortOfRoom(f"{_ERRORS[number]}{where} ({details})", hint=_HINTS[number])


def _place(file: Path | None, near: Iterable[Path]) -> str:
    """Return the file's folder; without a file, the fullest of the places, if it is almost full."""
    if file is not None:
        folder = _there(file)
        return f"{folder} has {_free(folder)}"
    fullest = _fullest(near)
    return f"{fullest} has {_free(fullest)}" if _is_nearly_full(fullest) else ""


def _fullest(near: Iterable[Path]) -> Path:
    places = [_there(place) for place in (*near, Path(tempfile.gettempdir()))]
    return min(places, key=_free_bytes)


def _free_bytes(folder: Path) -> int:
    """Return the free bytes; 0 if no more files can be created."""
    usage = os.statvfs(folder)
    return 0 if usage.f_files and not usage.f_favail else usage.f_bavail * usage.f_frsize


def _there(path: Path) -> Path:
    """Return the nearest parent folder that exists."""
    path = path.absolute()
    return next(each for each in (path, *path.parents) if os.path.isdir(each))  # noqa: PTH112 - never raises


def _free(folder: Path) -> str:
    usage = os.statvfs(folder)
    if usage.f_files and not usage.f_favail:
        return "no room for one more file, however small"
    whole = figures.size(usage.f_blocks * usage.f_frsize)
    return f"{figures.size(_free_bytes(folder))} free of {whole}"


def _is_nearly_full(folder: Path) -> bool:
    usage = os.statvfs(folder)
    share = _NEARLY_FULL * usage.f_blocks * usage.f_frsize
    return _free_bytes(folder) < max(_ENOUGH_BYTES, share)
