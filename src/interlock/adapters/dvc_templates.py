"""DVC's own resolver over files in memory: `vars`, `${…}`, foreach, matrix; no stage is run."""

from __future__ import annotations

import configparser
import io
import posixpath
from collections.abc import Callable, Mapping
from typing import Any

from dvc.parsing import DataResolver

from interlock import errors
from interlock.pipelines.templates import SECTIONS, Resolved

_Read = Callable[[str], bytes | None]


class _Files:
    """The part of DVC's file system that its resolver asks for, over one Git revision."""

    def __init__(self, read: _Read) -> None:
        self._read = read

    def exists(self, path: str) -> bool:
        return self._read(_clean(path)) is not None

    def isdir(self, path: str) -> bool:
        return False

    def open(self, path: str, mode: str = "r", encoding: str = "utf-8", **_: Any) -> io.StringIO:
        data = self._read(_clean(path))
        if data is None:
            raise FileNotFoundError(path)
        return io.StringIO(data.decode(encoding))

    join = staticmethod(posixpath.join)
    normpath = staticmethod(posixpath.normpath)
    relpath = staticmethod(posixpath.relpath)

    def suffix(self, path: str) -> str:
        return posixpath.splitext(path)[1]


class _Repository:
    """What DVC's resolver takes for a repository."""

    def __init__(self, read: _Read, folder: str) -> None:
        self.fs = _Files(read)
        self.config = {"parsing": _parsing(read, folder)}


def resolve_templates(document: Mapping[str, Any], *, path: str, read: _Read) -> Resolved:
    """Return every stage of a dvc.yaml with its templates filled in, by name (`group@key`), and
    the lists at its top.

    A stage that cannot be resolved comes with the reason; raises CannotFingerprint when the file
    as a whole cannot be.
    """
    folder = posixpath.dirname(path)
    try:
        resolver = DataResolver(_Repository(read, folder), folder, dict(document))
        names = list(resolver.get_keys())
        sections = {each: [one.resolve() for one in getattr(resolver, each)] for each in SECTIONS}
    except Exception as error:
        raise errors.CannotFingerprint(_words(error, path)) from error
    return Resolved({name: _stage(resolver, name, path) for name in names}, sections)


def _stage(
    resolver: DataResolver, name: str, path: str
) -> Mapping[str, Any] | errors.InterlockError:
    try:
        found = resolver.resolve_one(name)[name]
    except Exception as error:  # noqa: BLE001 - DVC's resolver asserts what a file may lack
        return errors.CannotFingerprint(_words(error, path))
    return found if isinstance(found, Mapping) else errors.CannotFingerprint("it is no mapping")


def _parsing(read: _Read, folder: str) -> dict[str, str]:
    """The `parsing` section of the .dvc/config nearest above: how lists are spelled."""
    place = folder
    while True:
        data = read(f"{place}/.dvc/config" if place else ".dvc/config")
        if data is not None or not place:
            break
        place = posixpath.dirname(place)
    config = configparser.ConfigParser(interpolation=None)
    try:
        config.read_string((data or b"").decode("utf-8"))
    except (configparser.Error, UnicodeDecodeError) as error:
        raise errors.CannotFingerprint(f".dvc/config cannot be read: {error}") from error
    return dict(config["parsing"]) if config.has_section("parsing") else {}


def _clean(path: str) -> str:
    return posixpath.normpath(path)


def _words(error: Exception, path: str) -> str:
    text = " ".join(str(error).split())
    return f"{path}: DVC cannot resolve its templates: {text or type(error).__name__}"
