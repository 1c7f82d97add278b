"""Reads Git objects through one long-lived `git cat-file`; writes nothing."""

from __future__ import annotations

import itertools
import subprocess
import threading
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path

from interlock import errors
from interlock.adapters.git import program
from interlock.adapters.git.partial import Clone

# A request has 41 bytes: a chunk always fits into a pipe of 64 KiB. So git never waits for this
# process to read while this process waits for git to accept the next request.
_CHUNK = 1000


class Objects:
    """Reads the content of objects by id. One process starts at the first request, and ends with
    this one.

    Objects of a request that a partial clone lacks are fetched before they are read, all at once.
    """

    def __init__(self, directory: Path, clone: Clone) -> None:
        self._directory = directory
        self._clone = clone
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Content by object id, for every id; raises CannotReachGit for one that is missing."""
        wanted = list(dict.fromkeys(ids))
        self._clone.bring(wanted)
        return self._all_of(wanted, self._ask(wanted))

    def read_trees(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Content by object id, for every id of a folder below a `root`; raises CannotReachGit."""
        wanted = list(dict.fromkeys(ids))
        return self._all_of(wanted, self._ask(wanted))

    def root(self, commit: str) -> str:
        """Return the id of a commit's tree. Afterwards its folders are here."""
        content = self._all_of([commit], self._ask([commit]))[commit]
        tree = content.split(b"\n", 1)[0].removeprefix(b"tree ").decode()
        self._clone.bring_folders(tree)
        return tree

    def _all_of(self, ids: Iterable[str], contents: dict[str, bytes]) -> dict[str, bytes]:
        missing = next((object_id for object_id in ids if object_id not in contents), None)
        if missing is not None:
            raise self._missing(missing)
        return contents

    def _missing(self, object_id: str) -> errors.CannotReachGit:
        return errors.CannotReachGit(
            f"object {object_id} is missing from {self._directory}",
            hint="the clone is damaged: clone it again; `git fsck` lists its faults",
        )

    def stream(self, ids: Iterable[str]) -> Iterator[bytes]:
        """Yield content in the order of the ids, one at a time; raises as `read`.

        Nothing else may read until the end: use an instance of its own.
        """
        rest = iter(ids)
        while some := list(itertools.islice(rest, _CHUNK)):
            self._clone.bring(some)
            contents = self._request(some)
            for object_id in some:
                present, content = next(contents, ("", b""))
                if present != object_id:
                    raise self._missing(object_id)
                yield content

    def _ask(self, ids: list[str]) -> dict[str, bytes]:
        """Return the content of those objects that are here."""
        with self._lock:
            chunks = (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))
            return {known: data for chunk in chunks for known, data in self._request(chunk)}

    def _request(self, ids: list[str]) -> Iterator[tuple[str, bytes]]:
        process = self._process or self._start()
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        process.stdin.write("".join(f"{i}\n" for i in ids).encode())
        process.stdin.flush()
        for object_id in ids:
            header = process.stdout.readline().split()
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


def _end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    process.wait()
