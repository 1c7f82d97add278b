"""Temporary folders that are held while their process lives; what dead processes left is removed.

A folder is held by a lock on the folder itself, which the kernel lets go of when the process is
gone, however it went. Neither a reused process number nor a container's own numbers can mislead.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from interlock import errors

PREFIX = "interlock_"
"""What begins the name of every folder made here; none without a lock ever had it."""
_TRIES = 100


@contextmanager
def folder(purpose: str, *, above: Path | None = None) -> Iterator[Path]:
    """Give a new, empty folder that only this user may enter; it is removed afterwards.

    `above` is where it lies, the system's folder for such things when left out.
    """
    at = _above(above)
    for _ in range(_TRIES):
        path = at / f"{PREFIX}{purpose}_{secrets.token_hex(6)}"
        held = _make(path)
        if held is not None:
            with _removed(path, held):
                yield path
            return
    raise errors.OutsideFailure(f"no folder can be made in {at}", hint="see who else writes there")


@contextmanager
def named(name: str, *, above: Path | None = None) -> Iterator[Path]:
    """Give a folder of this very name, where no living process has one; else any other."""
    at = _above(above)
    path = at / f"{PREFIX}{name}"
    held = _make(path)
    if held is None:
        with folder(name, above=at) as other:
            yield other
        return
    with _removed(path, held):
        yield path


def _above(above: Path | None) -> Path:
    at = Path(tempfile.gettempdir() if above is None else above).resolve()
    at.mkdir(parents=True, exist_ok=True)
    _sweep(at)
    return at


@contextmanager
def _removed(path: Path, held: int) -> Iterator[None]:
    try:
        yield
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(held)


def _make(path: Path) -> int | None:
    """Make and hold a folder; None where it is there, or another took it for a dead process's
    before it was held."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        return None
    return _hold(path)


def _hold(path: Path) -> int | None:
    """Hold a folder of ours that is there; None where a living process does, or it is not ours."""
    try:
        held = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        ours, there = os.fstat(held), os.lstat(path)
        if ours.st_uid == os.geteuid() and os.path.samestat(ours, there):
            return held
    except OSError:
        pass
    os.close(held)
    return None


@lru_cache(maxsize=8)
def _sweep(at: Path) -> None:
    """Remove what dead processes left, once in a process's life."""
    with suppress(OSError), os.scandir(at) as entries:
        for entry in entries:
            if entry.name.startswith(PREFIX) and entry.is_dir(follow_symlinks=False):
                _remove_dead(Path(entry.path))


def _remove_dead(path: Path) -> None:
    held = _hold(path)
    if held is not None:
        with _removed(path, held):
            pass
