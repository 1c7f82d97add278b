"""Where files of live data lie: this disk, or a file system of fsspec's; none is read here."""

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
"""What file systems of fsspec's say of a file that is another once the file is."""
_NO_DATA = (".", "_")
"""What writers leave beside data: `_SUCCESS`, `_temporary/`, `.part-0.parquet.crc`."""


class FileStore(Protocol):
    def find(self, pattern: str) -> list[str]:
        """Paths of the files that a glob, file or folder stands for, sorted."""
        ...

    def bring(self, paths: Sequence[str], *, to: Path) -> list[Path]:
        """The files on this disk, in the same order: as they lie there, or copied."""
        ...

    def peek(self, path: str) -> AbstractContextManager[Any] | None:
        """The file, open to be read in part where it lies; None when it is here already."""
        ...

    def name(self, path: str) -> str:
        """A path as people know it."""
        ...

    def state(self, path: str) -> str:
        """Something short that is another once the file is; "" where the file is not to be read.
        The file is not read whole for it."""
        ...


@dataclass(frozen=True, slots=True)
class SourceFiles:
    """What a source stands for: paths of one store."""

    store: FileStore
    paths: tuple[str, ...]


class Disk:
    def __init__(self, root: Path) -> None:
        self._root = root

    def find(self, pattern: str) -> list[str]:
        return _match(self._files(plain_start(pattern)), pattern)

    def _files(self, start: str) -> Iterable[str]:
        """Links are followed, each folder is looked at once, and none is silently left out."""
        if (self._root / start).is_file():
            yield start
        if not (self._root / start).is_dir():
            return
        seen: set[Path] = set()
        for folder, folders, files in os.walk(
            self._root / start, onerror=_refuse, followlinks=True
        ):
            real = Path(folder).resolve()
            if real in seen:
                folders.clear()
                continue
            seen.add(real)
            folders[:] = [name for name in folders if not name.startswith(_NO_DATA)]
            inside = Path(folder).relative_to(self._root).as_posix()
            yield from (name if inside == "." else f"{inside}/{name}" for name in files)

    def bring(self, paths: Sequence[str], *, to: Path) -> list[Path]:
        return [self._root / path for path in paths]

    def peek(self, path: str) -> AbstractContextManager[Any] | None:
        return None

    def name(self, path: str) -> str:
        return path

    def state(self, path: str) -> str:
        """By size and both ends, where a Parquet file has its footer, and not by time: a checkout
        on another machine has other times."""
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
    """`files` is a file system of fsspec's; `url` stands before its paths, for people."""

    def __init__(self, files: Any, *, url: str = "") -> None:
        self._fs = files
        self._url = url

    def find(self, pattern: str) -> list[str]:
        start = plain_start(pattern)
        with told(self.name(start)):
            self._fs.invalidate_cache()
            found = self._fs.find(start) if start else self._fs.find("")
        return _match([str(path).lstrip("/") for path in found], pattern)

    def bring(self, paths: Sequence[str], *, to: Path) -> list[Path]:
        return [self._copy(path, to / f"{index:06d}") for index, path in enumerate(paths)]

    def _copy(self, path: str, folder: Path) -> Path:
        folder.mkdir(parents=True)
        copy = folder / PurePosixPath(path).name
        with told(self.name(path)):
            before = self._state(path)
            self._fs.get_file(path, str(copy))
            after = self._state(path)
        if before != after:
            raise changed(self.name(path))
        return copy

    @contextmanager
    def peek(self, path: str) -> Iterator[Any]:
        with told(self.name(path)), self._fs.open(path, "rb") as file:
            yield file

    def _state(self, path: str) -> str:
        # Asked anew each time: a listing tells other facts than the file itself.
        self._fs.invalidate_cache()
        return str(self._fs.ukey(path))

    def name(self, path: str) -> str:
        return f"{self._url}{path}"

    def state(self, path: str) -> str:
        """By what the listing said, which asks nothing of the store again."""
        with told(self.name(path)):
            facts = self._fs.info(path)
        return _digest(repr([(name, facts[name]) for name in _FACTS if name in facts]).encode())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def open_url(url: str) -> tuple[FileStore, str]:
    """Return the store that a URL names, and the rest of it as a pattern there.

    Raises MissingSetting where the package for such URLs is not installed.
    """
    scheme, _, rest = url.partition("://")
    if scheme in {"file", "local"}:
        return Disk(Path("/")), rest.lstrip("/")
    try:
        import fsspec  # noqa: PLC0415 - only URLs need it

        return Remote(fsspec.filesystem(scheme), url=f"{scheme}://"), rest.lstrip("/")
    except ModuleNotFoundError as error:
        raise errors.missing_extra(str(error.name), extra="train") from error
    except (ImportError, ValueError) as error:
        raise errors.MissingSetting(
            f"{url} cannot be opened: {error}",
            hint=f"install the package of fsspec's for {scheme}://",
        ) from error


def changed(name: str) -> errors.OutsideFailure:
    return errors.OutsideFailure(
        f"{name} changed while it was read",
        hint="run again once nobody writes it; `late` says how long rows of a window may come",
    )


def _refuse(error: OSError) -> NoReturn:
    raise errors.CannotProfile(
        f"{error.filename} cannot be listed: {error.strerror}", hint="may this program read it?"
    ) from error


def plain_start(pattern: str) -> str:
    """The folders before the first wildcard; all of a pattern that has none."""
    parts = pattern.rstrip("/").split("/")
    plain = next((i for i, part in enumerate(parts) if set(part) & set("*?")), len(parts))
    return "/".join(parts[:plain])


def _match(files: Iterable[str], pattern: str) -> list[str]:
    """Files that match, and data files in folders that do."""
    pattern = pattern.rstrip("/")
    start = plain_start(pattern)
    known = [path for path in files if path == start or _is_data(path, start)]
    folders = {posixpath.dirname(path) for path in known}
    above = {folder: _above(folder) for folder in folders}
    hits = {*discovery.find({parent for parents in above.values() for parent in parents}, pattern)}
    inside = {folder for folder, parents in above.items() if hits & parents}
    found = {*discovery.find(known, pattern)}
    found |= {
        path
        for path in known
        if posixpath.dirname(path) in inside and path.lower().endswith(_SUFFIXES)
    }
    return sorted(found)


def _above(folder: str) -> set[str]:
    """A folder and those that it lies in."""
    parts = folder.split("/")
    return {"/".join(parts[:depth]) for depth in range(1, len(parts) + 1)}


def _is_data(path: str, start: str) -> bool:
    inside = path.removeprefix(start).strip("/").split("/")
    return not any(part.startswith(_NO_DATA) for part in inside)


@contextmanager
def told(name: str) -> Iterator[None]:
    """Whatever a store says, as an error of ours: each has exceptions of its own."""
    try:
        yield
    except errors.InterlockError:
        raise
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise errors.CannotReachRemote(
            f"{name} cannot be read: {reason}",
            hint="check that the store is there, and that its credentials are set",
        ) from error
