"""Reads Git objects through one long-lived `git cat-file`; writes nothing."""

from __future__ import annotations

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
        contents: dict[str, bytes] = {}
        with self._lock:
            for start in range(0, len(wanted), _CHUNK):
                contents.update(self._ask(wanted[start : start + _CHUNK]))
        return contents

    def _ask(self, ids: list[str]) -> Iterator[tuple[str, bytes]]:
        process = self._process or self._start()
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        process.stdin.write("".join(f"{i}\n" for i in ids).encode())
        process.stdin.flush()
        for object_id in ids:
            header = process.stdout.readline().split()
            if len(header) != 3:
                raise errors.CannotReachGit(
                    f"object {object_id} is missing from {self._directory}",
                    hint="the clone is damaged: clone it again; `git fsck` lists its faults",
                )
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
