"""Reads Git objects by their ids; writes nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from interlock import errors
from interlock.adapters.git import cat_file
from interlock.adapters.git.cat_file import CatFile
from interlock.adapters.git.partial import Clone

_IN_CACHE = 64
"""Records of the ledger that stay in a core's cache until they are parsed."""


class Objects:
    """Reads the content of objects by id.

    Objects of a request that a partial clone lacks are fetched all at once.
    """

    def __init__(self, clone: Clone, cat_file: CatFile) -> None:
        self._clone = clone
        self._cat_file = cat_file

    def read(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Content by object id, for every id; raises CannotReachGit for one that is missing."""
        wanted = list(dict.fromkeys(ids))
        contents = self._cat_file.read(wanted)
        missing = [each for each in wanted if each not in contents]
        if missing and self._clone.bring(missing):
            contents |= self._cat_file.read(missing)
        for object_id in missing:
            if object_id not in contents:
                raise errors.CannotReachGit(
                    f"object {object_id} is missing from {self._clone.directory}",
                    hint="the clone is damaged: clone it again; `git fsck` lists its faults",
                )
        return contents

    def stream(self, ids: Iterable[str]) -> Iterator[bytes]:
        """Yield content in the order of the ids, and hold little of it; raises as `read`."""
        rest = iter(ids)
        # A partial clone may have to fetch each part.
        size = cat_file.CHUNK if self._clone.promisor else _IN_CACHE
        while some := list(itertools.islice(rest, size)):
            contents = self.read(some)
            yield from (contents[object_id] for object_id in some)

    def parents(self, commit: str) -> tuple[str, ...]:
        """Return the parents of a commit, also those that are not here."""
        lines = self.read([commit])[commit].partition(b"\n\n")[0].split(b"\n")
        words = (line.split() for line in lines if line.startswith(b"parent "))
        return tuple(word.decode() for _, word in words)

    def root(self, commit: str) -> str:
        """Return the id of a commit's tree. Afterwards its folders are here."""
        content = self.read([commit])[commit]
        tree = content.split(b"\n", 1)[0].removeprefix(b"tree ").decode()
        self._clone.bring_folders(tree)
        return tree
