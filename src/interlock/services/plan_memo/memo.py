"""The format of a memo: models, DVC's files, and which model or file a path concerns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from interlock.pipelines import paths
from interlock.services.plan_memo import sorted_lines
from interlock.services.plan_memo.sorted_lines import SortedLines

Listings = Mapping[tuple[str, ...], tuple[str, ...]]


class KnownModel(NamedTuple):
    """One model of the revision. `is_read` says that it is read in every plan, and `has_unseen`
    that any changed program may be its own. `files` are numbers of DVC's files."""

    model: str
    manifest: str
    fingerprint: str
    sentence: str
    files: tuple[int, ...]
    is_read: bool
    has_unseen: bool


class KnownFile(NamedTuple):
    """A path that DVC reads, in the order of the tree. `shape` is a digest of what it makes and
    lists; None for a path that every plan reads, such as .dvcignore."""

    path: str
    shape: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Memo:
    """`listings` are the paths whose names have one of some ends. `readers` maps a path, in lower
    case, to the numbers of the models that depend on it, and `makers` to those of the files that
    make or list it."""

    commit: str
    patterns: tuple[str, ...]
    models: tuple[KnownModel, ...]
    files: tuple[KnownFile, ...]
    listings: Listings
    readers: SortedLines
    makers: SortedLines

    def readers_of(self, changed: Iterable[str]) -> set[int]:
        return {number for path in changed for number in self.readers.find(path.lower())}

    def makers_of(self, path: str) -> set[int]:
        """Return the files that make or list a path, a folder above it, or a path inside it."""
        place = path.lower()
        above = {n for each in (place, *paths.ancestors(place)) for n in self.makers.find(each)}
        return above | set(self.makers.below(f"{place}/" if place else ""))


def write(
    *,
    commit: str,
    patterns: tuple[str, ...],
    models: Iterable[KnownModel],
    files: Iterable[KnownFile],
    listings: Listings,
    readers: Mapping[str, Iterable[int]],
    makers: Mapping[str, Iterable[int]],
) -> bytes:
    """Return the bytes of a memo; raises ValueError for a path that the format does not allow."""
    sections = [sorted_lines.write(readers), sorted_lines.write(makers)]
    head = {
        "commit": commit,
        "patterns": patterns,
        "models": [*models],
        "files": [*files],
        "listings": list(listings.items()),
        "sections": [len(section) for section in sections],
    }
    return b"\n".join([json.dumps(head).encode(), b"".join(sections)])


def read(data: bytes) -> Memo:
    start = data.index(b"\n") + 1
    head = json.loads(data[:start])
    end = start + head["sections"][0]
    return Memo(
        commit=head["commit"],
        patterns=tuple(head["patterns"]),
        models=tuple(map(KnownModel._make, head["models"])),
        files=tuple(map(KnownFile._make, head["files"])),
        listings={tuple(ends): tuple(paths) for ends, paths in head["listings"]},
        readers=SortedLines(data, start, end),
        makers=SortedLines(data, end, end + head["sections"][1]),
    )
