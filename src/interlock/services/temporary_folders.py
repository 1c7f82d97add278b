"""Creates temporary folders that are locked while their process lives, and removes those of dead
processes.

The lock is on the folder itself, and the kernel releases it when the process ends for any reason. A
reused process id, or the process ids of a container, cannot mislead.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from interlock import errors

PREFIX = "interlock_"
"""The prefix of the name of every folder made here; such a folder always had a lock."""
_TRIES = 100
_DELETIONS = 10


@contextmanager
def folder(purpose: str, *, above: Path | None = None) -> Iterator[Path]:
    """Give a new, empty folder that only this user may enter; it is removed afterwards.

    `above` is its parent folder, by default the system's folder for temporary files.
    """
    at = _above(above)
    for _ in range(_TRIES):
        path = at / f"{PREFIX}{purpose}_{os.urandom(6).hex()}"
        held = _make(path)
        if held is not None:
            with _removed(path, held):
                yield path
            return
    raise errors.OutsideFailure(f"no folder can be made in {at}", hint="see who else writes there")


@contextmanager
def named(name: str, *, above: Path | None = None) -> Iterator[Path]:
    """Give the folder that always has the same path for this name, or another one if a living
    process has it."""
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
        _delete(path)
        os.close(held)


def _delete(path: Path) -> None:
    """Delete a folder, again if a program that is being stopped still writes into it."""
    for _ in range(_DELETIONS):
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return


def _make(path: Path) -> int | None:
    """Make and lock a folder; None if it exists, or if another process removed it as a dead one
    before it was locked."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        return None
    return _hold(path)


def _hold(path: Path) -> int | None:
    """Lock an existing folder of this user; None if a living process has the lock, or another user
    owns the folder."""
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
    """Remove the folders of dead processes, once in the life of this process."""
    with suppress(OSError), os.scandir(at) as entries:
        for entry in entries:
            if entry.name.startswith(PREFIX) and entry.is_dir(follow_symlinks=False):
                _remove_dead(Path(entry.path))


def _remove_dead(path: Path) -> None:
    held = _hold(path)
    if held is not None:
        with _removed(path, held):
            pass
