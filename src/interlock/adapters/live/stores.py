"""Stores of live data: this disk, or an fsspec file system."""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn, Protocol

from interlock import errors
from interlock.manifests import discovery

_SUFFIXES = (".parquet", ".pq", ".csv", ".tsv")
_ENDS_BYTES = 4_096
_FACTS = (
    "size", "md5", "ETag", "etag", "checksum", "content_md5", "md5Hash", "mtime", "created",
    "updated", "LastModified", "last_modified", "version_id",
)  # fmt: skip
"""Properties in fsspec file systems that change with a file."""
_NO_DATA = (".", "_")
"""Prefixes of files that are not data: `_SUCCESS`, `_temporary/`, `.part-0.parquet.crc`."""


class FileStore(Protocol):
    def find(self, pattern: str) -> list[str]:
        """Sorted paths of the files that match a glob, a file or a folder."""
        ...

    def fetch(self, paths: Sequence[str], *, to: Path) -> list[Path]:
        """The files on this disk in the same order; remote files are copied."""
        ...

    def open_remote(self, path: str) -> AbstractContextManager[Any] | None:
        """A remote file, opened to read a part of it; None for a file on this disk."""
        ...

    def name(self, path: str) -> str:
        """The path for messages."""
        ...

    def state(self, path: str) -> str:
        """A short digest that changes with the file, without reading all of it; "" for an
        unreadable file."""
        ...


@dataclass(frozen=True, slots=True)
class SourceFiles:
    """The files of a source: paths in one store."""

    store: FileStore
    paths: tuple[str, ...]


class Disk:
    def __init__(self, root: Path) -> None:
        self._root = root

    def find(self, pattern: str) -> list[str]:
        return _match(self._files(plain_start(pattern)), pattern)

    def _files(self, start: str) -> Iterable[str]:
        """Follow links, visit each folder once, and report unreadable folders."""
        if (self._root / start).is_file():
            yield start
        if not (self._root / start).is_dir():
            return
        visited: set[Path] = set()
        for folder, folders, files in os.walk(
            self._root / start, onerror=_refuse, followlinks=True
        ):
            real = Path(folder).resolve()
            if real in visited:
                folders.clear()
                continue
            visited.add(real)
            folders[:] = [name for name in folders if not name.startswith(_NO_DATA)]
            inside = Path(folder).relative_to(self._root).as_posix()
            yield from (name if inside == "." else f"{inside}/{name}" for name in files)

    def fetch(self, paths: Sequence[str], *, to: Path) -> list[Path]:
        return [self._root / path for path in paths]

    def open_remote(self, path: str) -> AbstractContextManager[Any] | None:
        return None

    def name(self, path: str) -> str:
        return path

    def state(self, path: str) -> str:
        """Uses size, beginning and end (the footer of a Parquet file), but no file times: they
        differ between checkouts."""
        try:
            with (self._root / path).open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - _ENDS_BYTES))
                tail = file.read(_ENDS_BYTES)
                file.seek(0)
                head = file.read(_ENDS_BYTES)
        except OSError:
            return ""
        return _digest(f"{size} ".encode() + head + tail)


class Remote:
    """`files` is an fsspec file system; `url` is the prefix of its paths in messages."""

    def __init__(self, files: Any, *, url: str = "") -> None:
        self._fs = files
        self._url = url

    def find(self, pattern: str) -> list[str]:
        start = plain_start(pattern)
        with store_errors(self.name(start)):
            self._fs.invalidate_cache()
            paths = self._fs.find(start)
        return _match([str(path).lstrip("/") for path in paths], pattern)

    def fetch(self, paths: Sequence[str], *, to: Path) -> list[Path]:
        return [self._copy(path, to / f"{index:06d}") for index, path in enumerate(paths)]

    def _copy(self, path: str, folder: Path) -> Path:
        folder.mkdir(parents=True)
        copy = folder / PurePosixPath(path).name
        with store_errors(self.name(path)):
            before = self._state(path)
            self._fs.get_file(path, str(copy))
            after = self._state(path)
        if before != after:
            raise changed(self.name(path))
        return copy

    @contextmanager
    def open_remote(self, path: str) -> Iterator[Any]:
        with store_errors(self.name(path)), self._fs.open(path, "rb") as file:
            yield file

    def _state(self, path: str) -> str:
        # Requested again each time: a listing has other properties than the file itself.
        self._fs.invalidate_cache()
        return str(self._fs.ukey(path))

    def name(self, path: str) -> str:
        return f"{self._url}{path}"

    def state(self, path: str) -> str:
        """From the listing, without another request."""
        with store_errors(self.name(path)):
            facts = self._fs.info(path)
        return _digest(repr([(name, facts[name]) for name in _FACTS if name in facts]).encode())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def open_url(url: str) -> tuple[FileStore, str]:
    """Return the store of a URL and the pattern in it.

    Raises MissingSetting if the package for such URLs is not installed.
    """
    scheme, _, rest = url.partition("://")
    if scheme in {"file", "local"}:
        return Disk(Path("/")), rest.lstrip("/")
    try:
        with errors.needing_extra("train"):
            import fsspec  # noqa: PLC0415 - only URLs need it

            return Remote(fsspec.filesystem(scheme), url=f"{scheme}://"), rest.lstrip("/")
    except (ImportError, ValueError) as error:
        raise errors.MissingSetting(
            f"{url} cannot be opened: {error}",
            hint=f"install the fsspec package for {scheme}://",
        ) from error


def changed(name: str) -> errors.OutsideFailure:
    return errors.OutsideFailure(
        f"{name} changed while it was read",
        hint="run it again when the file is complete; `late` delays a window until then",
    )


def _refuse(error: OSError) -> NoReturn:
    raise errors.CannotProfile(
        f"{error.filename} cannot be listed: {error.strerror}",
        hint="give this user read permission",
    ) from error


def plain_start(pattern: str) -> str:
    """The folders before the first wildcard, or the whole pattern if it has none."""
    parts = pattern.rstrip("/").split("/")
    plain = next((i for i, part in enumerate(parts) if set(part) & set("*?")), len(parts))
    return "/".join(parts[:plain])


def _match(files: Iterable[str], pattern: str) -> list[str]:
    """Matching files, and data files in matching folders."""
    pattern = pattern.rstrip("/")
    start = plain_start(pattern)
    known = [path for path in files if path == start or _is_data(path, start)]
    folders = {posixpath.dirname(path) for path in known}
    above = {folder: _above(folder) for folder in folders}
    hits = {*discovery.find({parent for parents in above.values() for parent in parents}, pattern)}
    inside = {folder for folder, parents in above.items() if hits & parents}
    matching = {*discovery.find(known, pattern)}
    matching |= {
        path
        for path in known
        if posixpath.dirname(path) in inside and path.lower().endswith(_SUFFIXES)
    }
    return sorted(matching)


def _above(folder: str) -> set[str]:
    """A folder and all folders above it."""
    parts = folder.split("/")
    return {"/".join(parts[:depth]) for depth in range(1, len(parts) + 1)}


def _is_data(path: str, start: str) -> bool:
    inside = path.removeprefix(start).strip("/").split("/")
    return not any(part.startswith(_NO_DATA) for part in inside)


@contextmanager
def store_errors(name: str) -> Iterator[None]:
    """Convert the exceptions of a store, which differ between stores, to CannotReachRemote."""
    try:
        yield
    except errors.InterlockError:
        raise
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise errors.CannotReachRemote(
            f"{name} cannot be read: {reason}",
            hint="check that the store exists and that its credentials are set",
        ) from error
