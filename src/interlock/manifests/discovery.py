"""Finds the manifests among the paths of a repository by a pattern."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

_ANY_FOLDERS = "**"
_STAR = re.compile(r"[*?]")
_Part = re.Pattern[str] | None


class PathsByName(Protocol):
    """Returns the paths below a folder whose name ends with one of `ends`."""

    def __call__(self, ends: tuple[str, ...], *, below: str) -> Iterable[str]: ...


def find(paths: Iterable[str], pattern: str) -> tuple[str, ...]:
    """Return, sorted, the paths that match: `*` and `?` within a name, `**` across folders.

    The time is pattern times path for every pattern, because any user may write it.
    """
    parts = _compile(pattern)
    # The text before the first star and after the last one excludes most paths.
    start, end = _STAR.split(pattern)[0], _ending(pattern)
    near = (path for path in paths if path.startswith(start) and path.endswith(end))
    return tuple(sorted(path for path in near if _matches(path.split("/"), parts)))


def find_all(paths: Iterable[str], patterns: Iterable[str]) -> tuple[str, ...]:
    """Return, sorted, the paths that match one of several patterns."""
    every = tuple(paths)
    return tuple(sorted({path for pattern in patterns for path in find(every, pattern)}))


def search_all(named: PathsByName, patterns: Iterable[str]) -> tuple[str, ...]:
    """Return the matches of several patterns like `search`."""
    return tuple(sorted({path for pattern in patterns for path in search(named, pattern)}))


def search(named: PathsByName, pattern: str) -> tuple[str, ...]:
    """Return the matches like `find`, of a tree: only the folder that the pattern begins with is
    searched, for names that end as the pattern does."""
    folder = _STAR.split(pattern)[0].rpartition("/")[0]
    return find(named((_ending(pattern),), below=folder), pattern)


def _ending(pattern: str) -> str:
    return _STAR.split(pattern)[-1].rpartition("/")[2]


@lru_cache
def _compile(pattern: str) -> tuple[_Part, ...]:
    """A part for each folder and the name; None is any number of folders."""
    names = pattern.split("/")
    return tuple(None if name == _ANY_FOLDERS else _name(name) for name in names)


def _name(part: str) -> re.Pattern[str]:
    # The translation of fnmatch never backtracks from one star to another; brackets are not special
    # here.
    return re.compile(fnmatch.translate(part.replace("[", "[[]")))


def _matches(names: list[str], parts: tuple[_Part, ...]) -> bool:
    """Follow all ways at once: `here` are the parts that may come next."""
    here = _skip({0}, parts)
    for name in names:
        after: set[int] = set()
        for index in here - {len(parts)}:
            part = parts[index]
            if part is None:
                after.add(index)
            elif part.match(name):
                after.add(index + 1)
        here = _skip(after, parts)
    return len(parts) in here


def _skip(here: set[int], parts: tuple[_Part, ...]) -> set[int]:
    """Skip `**`, which also matches no folder at all."""
    positions = set(here)
    for index in range(len(parts)):
        if index in positions and parts[index] is None:
            positions.add(index + 1)
    return positions
