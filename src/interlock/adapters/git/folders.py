"""Reads tree objects folder by folder, each once for all revisions of a repository."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from interlock.adapters.git.objects import Objects
from interlock.ports.git import FOLDER

_LENGTHS = {40: 20, 64: 32}
"""The length of an id inside a tree object, by its length as text: SHA-1 and SHA-256."""
_ALL = ("",)
_SEARCHES = 16
"""So many names are searched in the bytes of a folder before its entries are read."""


class Named(NamedTuple):
    """One entry of a folder."""

    name: str
    mode: str
    object_id: str


class Folder:
    """One tree object; its entries become Python objects when they are needed."""

    __slots__ = ("_data", "_folders", "_length", "_places", "_unparsed")

    def __init__(self, data: bytes, length: int) -> None:
        self._data, self._length = data, length
        self._unparsed = _SEARCHES
        self._places: dict[str, int] | None = None
        self._folders: tuple[Named, ...] | None = None

    @property
    def names(self) -> Collection[str]:
        return self._starts.keys()

    @property
    def _starts(self) -> Mapping[str, int]:
        """Where each entry begins. The entries themselves would take ten times the memory."""
        if self._places is None:
            matches = _scan(self._data, _pattern(_ALL, self._length))
            self._places = {_name(match): match.start(1) for match in matches}
        return self._places

    def find(self, name: str) -> Named | None:
        """Return an entry. For a name that is not in the bytes, no entry is read at first."""
        if self._places is None and self._unparsed and not self._may_have(name):
            self._unparsed -= 1
            return None
        start = self._starts.get(name)
        return None if start is None else self._at(start, name)

    def _at(self, start: int, name: str) -> Named:
        space = self._data.index(b" ", start)
        end = self._data.index(b"\0", space) + 1
        object_id = self._data[end : end + self._length].hex()
        return Named(name, _mode(self._data[start:space]), object_id)

    def _may_have(self, name: str) -> bool:
        try:
            return b" %s\0" % name.encode("utf-8", "surrogateescape") in self._data
        except UnicodeEncodeError:
            return False

    @property
    def folders(self) -> tuple[Named, ...]:
        """The folders inside."""
        if self._folders is None:
            self._folders = self._matching(())
        return self._folders

    def matching(self, ends: tuple[str, ...]) -> tuple[Named, ...]:
        """Return the folders inside, and the files whose name ends with one of `ends`."""
        if not any(end in self._data for end in _in_bytes(ends)):
            return self.folders
        return self._matching(ends)

    def _matching(self, ends: tuple[str, ...]) -> tuple[Named, ...]:
        return tuple(map(_entry, _scan(self._data, _pattern(ends, self._length))))


class Folders:
    """The tree objects of a repository by their ids."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._read: dict[str, Folder] = {}
        self._whole: set[str] = set()
        """Trees of which every folder is read."""

    def read(self, object_id: str) -> Folder:
        self._fetch((object_id,))
        return self._read[object_id]

    def _fetch(self, ids: Iterable[str]) -> None:
        missing = [each for each in ids if each not in self._read]
        for object_id, data in self._objects.read(missing).items():
            self._read[object_id] = Folder(data, _LENGTHS[len(object_id)])

    def find(self, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Named]:
        """Return the entries of those places that exist, each the id of a tree and a path below it.
        Folders of one depth are one request."""
        left = {place: place for place in places}
        entries: dict[tuple[str, str], Named] = {}
        while left:
            self._fetch({tree for tree, _ in left.values()})
            deeper: dict[tuple[str, str], tuple[str, str]] = {}
            for place, (tree, path) in left.items():
                name, _, rest = path.partition("/")
                entry = self._read[tree].find(name)
                if entry is not None and not rest:
                    entries[place] = entry
                elif entry is not None and entry.mode == FOLDER:
                    deeper[place] = (entry.object_id, rest)
            left = deeper
        return entries

    def walk(self, root: str, ends: tuple[str, ...]) -> Iterator[tuple[str, Named]]:
        """Yield each path of a tree, folders included, whose name ends with one of `ends`, and its
        entry, in the order of `git ls-tree -r -t`."""
        self._fetch_below(root)
        left = [("", iter(self._read[root].matching(ends)))]
        while left:  # a loop: folders may be thousands deep
            above, inside = left[-1]
            entry = next(inside, None)
            if entry is None:
                left.pop()
                continue
            path = above + entry.name
            if entry.name.endswith(ends):
                yield path, entry
            if entry.mode == FOLDER and (below := self._read[entry.object_id].matching(ends)):
                left.append((f"{path}/", iter(below)))

    def _fetch_below(self, root: str) -> None:
        """Read every folder of a tree: those of one depth in one request."""
        level, done = {root} - self._whole, set[str]()
        while level:
            self._fetch(level)
            done |= level
            inside = (each for known in level for each in self._read[known].folders)
            level = {each.object_id for each in inside} - done - self._whole
        self._whole |= done


@functools.cache
def _mode(mode: bytes) -> str:
    return mode.decode().zfill(6)


@functools.cache
def _pattern(ends: tuple[str, ...], length: int) -> re.Pattern[bytes]:
    """Match the next entry that is a folder or has one of these ends, and all before it.

    An id may contain any byte, so that entries are found only one after another, from the first.
    """
    others = b"".join(b"(?<!%s)" % re.escape(end.encode()) for end in ends)
    skipped = rb"(?:1\d+ [^\0]+%s\0[\s\S]{%d})*+" % (others, length)
    return re.compile(skipped + rb"(?:(\d+) ([^\0]+)\0([\s\S]{%d}))?" % length)


@functools.cache
def _in_bytes(ends: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(b"%s\0" % end.encode() for end in ends)


def _scan(data: bytes, pattern: re.Pattern[bytes], start: int = 0) -> Iterator[re.Match[bytes]]:
    match = pattern.match(data, start)
    while match is not None and match[1] is not None:
        yield match
        match = pattern.match(data, match.end())


def _name(match: re.Match[bytes]) -> str:
    """Most names occur in many folders: one object for each saves memory."""
    return sys.intern(match[2].decode("utf-8", "surrogateescape"))


def _entry(match: re.Match[bytes]) -> Named:
    return Named(_name(match), _mode(match[1]), match[3].hex())
