"""Reads the files of a working tree on disk, including uncommitted ones; writes nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from interlock import errors
from interlock.adapters.git import program
from interlock.ports.git import FILE, FOLDER, LINK, PROGRAM, SUBMODULE, TreeEntry


class WorkingTree:
    """The content of a commit of all files that Git tracks or would add.

    No object exists for them yet: every `object_id`, and the revision, is "".
    """

    def __init__(self, root: Path) -> None:
        if program.attempt(root, "rev-parse", "--show-toplevel").returncode != 0:
            raise errors.CannotResolve(
                f"{root} is a bare repository: it has no files beside its revisions",
                hint="name a revision: --rev HEAD",
            )
        self._root = root

    @property
    def revision(self) -> str:
        return ""

    @cached_property
    def entries(self) -> Mapping[str, TreeEntry]:
        listing = program.run(
            self._root, "ls-files", "--cached", "--others", "--exclude-standard", "-z"
        )
        paths = dict.fromkeys(path.rstrip("/") for path in listing.split("\0")[:-1])
        files = {path: TreeEntry(path, mode, "") for path in paths if (mode := self._mode(path))}
        folders = {folder for path in files for folder in _folders(path)}
        return {**{folder: TreeEntry(folder, FOLDER, "") for folder in folders}, **files}

    def _mode(self, path: str) -> str:
        """Return Git's mode of a path; "" for one that is missing or that Git does not store."""
        try:
            mode = os.lstat(self._root / path).st_mode
        except OSError:
            return ""
        if stat.S_ISLNK(mode):
            return LINK
        if stat.S_ISDIR(mode):
            return SUBMODULE
        return (PROGRAM if mode & stat.S_IXUSR else FILE) if stat.S_ISREG(mode) else ""

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        children: dict[str, list[str]] = {}
        for path in self.entries:
            children.setdefault(path.rpartition("/")[0], []).append(path)
        return children

    def read(self, path: str) -> bytes | None:
        entry = self.entries.get(path)
        if entry is None or entry.mode in (FOLDER, SUBMODULE):
            return None
        try:
            if entry.mode == LINK:
                return os.fsencode((self._root / path).readlink())
            return (self._root / path).read_bytes()
        except OSError as error:
            raise errors.CannotResolve(
                f"{path} cannot be read: {error.strerror}", hint="check the file's permissions"
            ) from error

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        contents = ((path, self.read(path)) for path in paths)
        return {path: data for path, data in contents if data is not None}

    def named(self, ends: tuple[str, ...], *, below: str = "") -> tuple[str, ...]:
        above = f"{below}/" if below else ""
        return tuple(p for p in self.entries if p.startswith(above) and p.endswith(ends))

    def children(self, folder: str) -> tuple[str, ...]:
        return tuple(self._children.get(folder.strip("/"), ()))


def _folders(path: str) -> Iterable[str]:
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
