"""Reads Git objects through one long-lived `git cat-file`; writes nothing."""

from __future__ import annotations

import itertools
import subprocess
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from interlock import errors
from interlock.adapters.git import program
from interlock.adapters.git.partial import Clone

# A request has 41 or 65 bytes: a chunk always fits into a pipe of 64 KiB. So git never waits for
# this process to read while this process waits for git to accept the next request.
_CHUNK = 900


class CatFile:
    """One `git cat-file`, which starts at the first request, and ends with this process."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, ids: Sequence[str]) -> dict[str, bytes]:
        """Return the content of those objects that are here, up to the first promised one."""
        contents: dict[str, bytes] = {}
        with self._lock:
            for start in range(0, len(ids), _CHUNK):
                contents.update(self._request(ids[start : start + _CHUNK]))
                if self._process is None:
                    break
        return contents

    def _request(self, ids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        process = self._process or self._start()
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        process.stdin.write("".join(f"{i}\n" for i in ids).encode())
        process.stdin.flush()
        for object_id in ids:
            header = process.stdout.readline().split()
            if not header:  # git ends at an object that a partial clone lacks
                _end(process)
                self._process = None
                return
            if len(header) != 3:  # it is missing
                continue
            content = process.stdout.read(int(header[2]))
            process.stdout.read(1)
            yield object_id, content

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            program.command(self._directory, "cat-file", "--batch"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=program.environment(),
        )
        weakref.finalize(self, _end, self._process)
        return self._process


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
        while some := list(itertools.islice(rest, _CHUNK)):
            contents = self.read(some)
            yield from (contents[object_id] for object_id in some)

    def root(self, commit: str) -> str:
        """Return the id of a commit's tree. Afterwards its folders are here."""
        content = self.read([commit])[commit]
        tree = content.split(b"\n", 1)[0].removeprefix(b"tree ").decode()
        self._clone.bring_folders(tree)
        return tree


def _end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    process.wait()
