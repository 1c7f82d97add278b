"""Resolves the templates of a dvc.yaml with DVC's own resolver, over files in memory: `vars`,
`${…}`, foreach, matrix; no stage runs."""

from __future__ import annotations

import configparser
import io
import math
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from dvc.parsing import DataResolver, ForeachDefinition, MatrixDefinition

from interlock import errors
from interlock.domain.basics import parse_limits, value_size
from interlock.pipelines import parameters
from interlock.pipelines.templates import SECTIONS, Resolved
from interlock.yaml_reader import file_errors

_Read = Callable[[str], bytes | None]


class _Files:
    """The part of DVC's file system that its resolver uses, over one Git revision."""

    def __init__(self, read: _Read, document: Mapping[str, Any]) -> None:
        self._read = read
        self._uses = max((text.count("${") for text in _texts(document)), default=0)
        self._require(sum(map(len, _texts(document))))

    def _require(self, characters: int) -> None:
        """Refuse a text that could grow without limit if each of its placeholders gets all of the
        values."""
        parse_limits.FILLED.require(self._uses * characters)

    def exists(self, path: str) -> bool:
        return self._read(_clean(path)) is not None

    def isdir(self, path: str) -> bool:
        return False

    def open(self, path: str, mode: str = "r", encoding: str = "utf-8", **_: Any) -> io.StringIO:
        data = self._read(_clean(path))
        if data is None:
            raise FileNotFoundError(path)
        self._require(len(data))
        # DVC's own parser needs seconds for such a file, and its stack is finite.
        parse_limits.VARS.require(len(data))
        value_size.require(
            parameters.read(data, path=_clean(path)), values=parse_limits.VARS_VALUES
        )
        return io.StringIO(data.decode(encoding))

    join = staticmethod(posixpath.join)
    normpath = staticmethod(posixpath.normpath)
    relpath = staticmethod(posixpath.relpath)

    def suffix(self, path: str) -> str:
        return posixpath.splitext(path)[1]


class _Repository:
    """The part of DVC's repository that its resolver uses."""

    def __init__(self, read: _Read, folder: str, document: Mapping[str, Any]) -> None:
        self.fs = _Files(read, document)
        self.config = {"parsing": _parsing(read, folder)}


def resolve_templates(document: Mapping[str, Any], *, path: str, read: _Read) -> Resolved:
    """Return every stage of a dvc.yaml with its templates filled in, by name (`group@key`), and the
    lists at its top.

    A stage that cannot be resolved comes with the reason; raises CannotFingerprint if the whole
    file cannot be resolved.
    """
    folder = posixpath.dirname(path)
    try:
        resolver = DataResolver(_Repository(read, folder, document), folder, dict(document))
        parse_limits.STAGES.require(sum(map(_count, resolver.definitions.values())))
        names = list(resolver.get_keys())
        sections = {each: [one.resolve() for one in getattr(resolver, each)] for each in SECTIONS}
    except file_errors.InvalidFile:
        raise
    except parse_limits.TooMuch as error:
        raise errors.CannotFingerprint(f"{path}: {error.message}", hint=error.hint) from error
    except Exception as error:
        raise errors.CannotFingerprint(_words(error, path)) from error
    return Resolved(_stages(resolver, names, path), sections)


def _count(definition: Any) -> int:
    """Return the number of stages of a definition, without making them."""
    if isinstance(definition, MatrixDefinition):
        return math.prod(len(values) for values in definition.resolved_iterable.values())
    if isinstance(definition, ForeachDefinition):
        return len(definition.resolved_iterable)
    return 1


def _stages(
    resolver: DataResolver, names: Iterable[str], path: str
) -> dict[str, Mapping[str, Any] | errors.InterlockError]:
    resolved: dict[str, Mapping[str, Any] | errors.InterlockError] = {}
    characters = 0
    for name in names:
        resolved[name] = stage = _stage(resolver, name, path)
        if isinstance(stage, Mapping):
            characters += sum(map(len, _texts(stage)))
        if characters > parse_limits.FILLED.most:
            raise errors.CannotFingerprint(
                f"{path}: {parse_limits.FILLED.sentence}", hint=parse_limits.FILLED.hint
            )
    return resolved


def _texts(value: Any) -> Iterator[str]:
    """Yield every text inside a value, keys too; the nesting of a value is limited like that of a
    file."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inside in value.items():
            yield from _texts(key)
            yield from _texts(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from _texts(inside)


def _stage(
    resolver: DataResolver, name: str, path: str
) -> Mapping[str, Any] | errors.InterlockError:
    try:
        resolved = resolver.resolve_one(name)[name]
    except file_errors.InvalidFile as error:
        return error
    except parse_limits.TooMuch as error:
        return errors.CannotFingerprint(error.message, hint=error.hint)
    except Exception as error:  # noqa: BLE001 - DVC's resolver asserts what a file may lack
        return errors.CannotFingerprint(_words(error, path))
    return (
        resolved
        if isinstance(resolved, Mapping)
        else errors.CannotFingerprint("it is not a mapping")
    )


def _parsing(read: _Read, folder: str) -> dict[str, str]:
    """Return the `parsing` section of the nearest .dvc/config above: the spelling of lists."""
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
