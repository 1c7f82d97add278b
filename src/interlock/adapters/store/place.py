"""Reads and writes the objects below one address, and reports every failure as one of the store."""

from __future__ import annotations

import errno
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from interlock import errors
from interlock.domain.model import run_claims
from interlock.services import machine_shortage

# Errors of these packages are failures of the place; other errors are bugs of Interlock.
_VENDORS = frozenset({
    "aiobotocore", "aiohttp", "azure", "adlfs", "botocore", "fsspec", "gcsfs", "google",
    "paramiko", "requests", "s3fs", "urllib3",
})  # fmt: skip


class Place:
    """The objects below an address, for example s3://acme-models/interlock or /srv/interlock.

    Every path is relative to it. Raises MissingSetting for an address that fsspec cannot open.
    """

    def __init__(self, url: str) -> None:
        _require_whole(url)
        self.url = url.rstrip("/")
        self._fs, self._root = _open(url)

    @contextmanager
    def reaching(self, purpose: str) -> Iterator[None]:
        """Raise CannotReachRegistry if the place fails during an action."""
        try:
            yield
        except errors.InterlockError:
            raise
        except Exception as error:
            if shortage := machine_shortage.of(error):
                raise shortage from error
            if not _is_theirs(error):
                raise
            raise errors.CannotReachRegistry(
                f"cannot {purpose} in the store {shown(self.url)}: {_reason(error)}",
                hint="check `store` in the policy and the credentials, then run this again",
            ) from error

    def find(self, path: str, *, most: int) -> bytes | None:
        """Return an object, at most `most` bytes and one more; None if there is none."""
        try:
            return bytes(self._fs.cat_file(self._whole(path), end=most + 1))
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            # S3 has no byte range of an empty object.
            if error.errno == errno.EINVAL and self._fs.size(self._whole(path)) == 0:
                return b""
            raise

    def write(self, path: str, data: bytes) -> None:
        """Write an object as a whole, in place of an earlier one."""
        goal = self._whole(path)
        if not _is_local(self._fs):
            self._fs.pipe_file(goal, data)
            return
        self._fs.makedirs(goal.rpartition("/")[0], exist_ok=True)
        staged = f"{goal}.{uuid.uuid4().hex}"
        self._fs.pipe_file(staged, data)
        self._fs.mv(staged, goal)

    def names(self, folder: str) -> list[str]:
        """Return the names of the objects and folders directly in a folder, in order."""
        with suppress(FileNotFoundError, NotADirectoryError):
            paths = self._fs.ls(self._whole(folder), detail=False, refresh=True)
            return sorted(str(path).rstrip("/").rpartition("/")[2] for path in paths)
        return []

    def put(self, path: str, source: Path) -> None:
        """Upload a file, or a folder with all files below it."""
        for file in sorted(source.rglob("*")) if source.is_dir() else [source]:
            if file.is_file():
                inside = file.relative_to(source).as_posix()
                goal = self._whole(path if file == source else f"{path}/{inside}")
                self._fs.makedirs(goal.rpartition("/")[0], exist_ok=True)
                self._fs.put_file(str(file), goal)

    def get(self, path: str, to: Path) -> bool:
        """Download an object, or all objects below a folder; False if there is nothing.

        Each name is checked: a name of an object store may contain `..`.
        """
        whole = self._whole(path)
        objects = [str(each) for each in self._fs.find(whole)]
        for each in objects:
            inside = each[len(whole) :].lstrip("/") if each != whole else ""
            goal = to / self._checked(inside) if inside else to
            goal.parent.mkdir(parents=True, exist_ok=True)
            self._fs.get_file(each, str(goal))
        return bool(objects)

    def remove(self, path: str) -> None:
        self._fs.rm(self._whole(path), recursive=True)

    def _whole(self, path: str) -> str:
        return f"{self._root}/{self._checked(path)}"

    @staticmethod
    def _checked(path: str) -> str:
        if run_claims.leaves(path):
            raise errors.Refused(f"{path!r} is not a path inside the store")
        return path


def shown(url: str) -> str:
    """Return an address without its user and password."""
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}" if mark else url


def _require_whole(url: str) -> None:
    if not Path(url).is_absolute() and not urlsplit(url).scheme:
        raise errors.MissingSetting(
            f"the store {url!r} is neither an address nor an absolute path",
            hint="for example s3://acme-models/interlock or /srv/interlock",
        )


def _open(url: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs  # noqa: PLC0415 - only where a policy has no MLflow

    try:
        opened, root = url_to_fs(url, use_listings_cache=False)
    except ImportError as error:
        raise errors.MissingSetting(
            f"the store {shown(url)} needs a package that is not installed: {error}",
            hint="pip install it in the environment of interlock, for example gcsfs or adlfs",
        ) from error
    except ValueError as error:
        raise errors.MissingSetting(
            f"the store {shown(url)} cannot be opened: {error}",
            hint="for example s3://acme-models/interlock or /srv/interlock",
        ) from error
    return opened, str(root).rstrip("/")


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:500] or type(error).__name__


def _is_local(fs: Any) -> bool:
    return "file" in ((fs.protocol,) if isinstance(fs.protocol, str) else fs.protocol)


def _is_theirs(error: Exception) -> bool:
    return isinstance(error, OSError) or type(error).__module__.split(".")[0] in _VENDORS
