"""Stores the memos of plans below Git's own folder, for the user whom this folder belongs to."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

import interlock

_END = ".memo"


@functools.cache
def code_digest() -> str:
    """Return a digest of all that makes a memo: Interlock's files, Python and the packages."""
    digest = hashlib.sha256(sys.version.encode())
    root = Path(interlock.__file__).parent
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            if name.endswith((".py", ".json")):
                data = Path(folder, name).read_bytes()
                digest.update(f"{folder[len(str(root)) :]}/{name}\0{len(data)}\0".encode())
                digest.update(data)
    packages = Path(yaml.__file__).parents[1].glob("*-info")
    digest.update(repr(sorted(path.name for path in packages)).encode())
    return digest.hexdigest()


class FolderPlanMemos:
    """`version` identifies the code: memos of another one are not read. `most` are kept."""

    def __init__(
        self,
        git_folder: Path,
        *,
        version: Callable[[], str] = code_digest,
        most: int = 4,
        fewest: int = 50,
    ) -> None:
        self._git_folder = git_folder
        self._folder = git_folder / "interlock" / "plans"
        self._version, self._most, self._fewest = version, most, fewest

    @property
    def fewest(self) -> int:
        return self._fewest

    def read(self, commits: Sequence[str]) -> bytes | None:
        with contextlib.suppress(OSError):
            wanted = {self._path(commit) for commit in commits}
            paths = self._newest_first() if self._is_private() else []
            for path in sorted(paths, key=lambda path: path not in wanted):
                data = self._content(path)
                if data is not None:
                    return data
        return None

    def has(self, commit: str) -> bool:
        with contextlib.suppress(OSError):
            return self._is_private() and self._content(self._path(commit)) is not None
        return False

    def write(self, commit: str, data: bytes) -> None:
        with contextlib.suppress(OSError):
            for folder in (self._folder.parent, self._folder) if self._is_ours() else ():
                folder.mkdir(mode=0o700, exist_ok=True)
            if self._is_private():
                self._remove_oldest(most=self._most - 1)
                self._replace(self._path(commit), self._digest(data) + b"\n" + data)

    def _remove_oldest(self, *, most: int) -> None:
        """Remove files until there are at most so many, also the part of a plan that was killed."""
        for path in self._newest_first("*")[most:]:
            path.unlink(missing_ok=True)

    def _content(self, path: Path) -> bytes | None:
        digest, _, data = _read(path).partition(b"\n")
        return data if digest == self._digest(data) else None

    def _replace(self, path: Path, data: bytes) -> None:
        part = path.with_suffix(f".{os.getpid()}")
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(handle, "wb") as file:  # noqa: PTH123 - a handle has no path
                file.write(data)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def _digest(self, data: bytes) -> bytes:
        digest = hashlib.sha256(self._version().encode())
        digest.update(data)
        return digest.hexdigest().encode()

    def _path(self, commit: str) -> Path:
        return self._folder / f"{commit}{_END}"

    def _newest_first(self, names: str = f"*{_END}") -> list[Path]:
        return sorted(self._folder.glob(names), key=lambda path: -path.lstat().st_mtime_ns)

    def _is_ours(self) -> bool:
        """Return True for Git's folder of this user; a group may have the right to write it."""
        status = self._git_folder.lstat()
        return status.st_uid == os.getuid() and not status.st_mode & stat.S_IWOTH

    def _is_private(self) -> bool:
        folders = (self._folder.parent, self._folder)
        return self._is_ours() and all(_is_own(f.lstat(), stat.S_ISDIR) for f in folders)


def _read(path: Path) -> bytes:
    """Return the content of a file; nothing of one that another user can write."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with open(handle, "rb") as file:  # noqa: PTH123 - a handle has no path
        return file.read() if _is_own(os.fstat(file.fileno()), stat.S_ISREG) else b""


def _is_own(status: os.stat_result, is_kind: Callable[[int], bool]) -> bool:
    """Return True if this user owns it, and no other user can write it."""
    is_shared = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return is_kind(status.st_mode) and status.st_uid == os.getuid() and not is_shared
