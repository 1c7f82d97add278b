"""Finds the missing files that the output of a failed program names, and the line of `deps` for
each."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from interlock.domain.model import undeclared_files

_FAILS = re.compile(
    r"no such file|not found|does not exist|(?:cannot|can't|could not|unable to|failed to) open"
    r"|cannot find|no rule to make|matched no files|enoent|filenotfounderror",
    re.IGNORECASE,
)
# 'x', "x", `x', and the quotes of R and make in a UTF-8 locale.
_QUOTED = re.compile(r"(?<!\w)'([^'\n]+)'|\"([^\"\n]+)\"|`([^`'\n]+)[`']|‘([^’\n]+)’|“([^”\n]+)”")
_MODULE = re.compile(r"No module named '?([\w.]+)")
_NAME = re.compile(r"cannot import name '(\w+)' from (?:partially initialized module )?'([\w.]+)'")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A path of the repository that a failed program tried to read, the missing `deps` entry, and
    the line of its output with that path."""

    path: str
    line: str
    output_line: str


def suggestions(
    output: str,
    *,
    present: Collection[str],
    declared: Collection[str],
    wdir: str,
    root: str = "",
) -> tuple[Suggestion, ...]:
    """Return the missing files in a failed program's output that are in the repository.

    `present` are the paths of the revision (files and folders), `declared` those of the stage's
    inputs: a folder covers the files below it. Relative paths are looked for from `wdir`,
    absolute ones below `root`, the folder that the program ran in as the repository's root.
    A path that the revision does not have, or that is declared, is never suggested.
    """
    search = _Search(present, declared, wdir, root.rstrip("/"))
    suggested: dict[str, Suggestion] = {}
    for line in output.splitlines():
        for path in search.paths(line):
            suggested.setdefault(
                path, Suggestion(path, undeclared_files.entry(path, wdir=wdir), line.strip())
            )
    return tuple(suggested.values())


@dataclass(frozen=True, slots=True)
class _Search:
    present: Collection[str]
    declared: Collection[str]
    wdir: str
    root: str

    def paths(self, line: str) -> Iterator[str]:
        wanted = [*self._modules(line), *self._files(line)]
        yield from (path for path in wanted if not self._is_declared(path))

    def _files(self, line: str) -> list[str]:
        if not _FAILS.search(line):
            return []
        quoted = ["".join(groups) for groups in _QUOTED.findall(line)]
        paths = [path for text in quoted if (path := self._place(text))]
        if paths:
            return paths
        # Without quotes a path ends at a colon or a blank; a bare word may not be a path.
        words = [*line.split(": "), *line.replace(":", " ").split()]
        places = [self._place(word.strip(" ,;()[]<>").rstrip(".")) for word in words]
        return [p for p in places if p and "." in p.rpartition("/")[2]]

    def _place(self, text: str) -> str:
        """Return the target of a path in the repository, '' if nothing is there."""
        if text.startswith("/"):
            if not self.root or not text.startswith(self.root + "/"):
                return ""
            text, base = text[len(self.root) + 1 :], ""
        else:
            base = self.wdir
        path = posixpath.normpath(posixpath.join(base, text))
        return path if path in self.present else ""

    def _modules(self, line: str) -> list[str]:
        names = _MODULE.findall(line)
        names += [f"{package}.{name}" for name, package in _NAME.findall(line)]
        return [path for name in names if (path := self._module(name))]

    def _module(self, name: str) -> str:
        """Return the nearest module of that name: from the stage's folder upwards, or in a
        `src`."""
        inside = name.replace(".", "/")
        for root in _roots(self.wdir):
            place = posixpath.join(root, inside)
            for path in (f"{place}.py", place):
                if path in self.present:
                    return path
        return ""

    def _is_declared(self, path: str) -> bool:
        return any(place in self.declared for place in (path, *_above(path)))


def _roots(wdir: str) -> Iterator[str]:
    for place in (wdir, *_above(wdir)) if wdir else ("",):
        yield place
        yield posixpath.join(place, "src")


def _above(path: str) -> Iterator[str]:
    while path:
        path = path.rpartition("/")[0]
        yield path
