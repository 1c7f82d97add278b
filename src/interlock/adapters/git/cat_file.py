"""Asks one long-lived `git cat-file` for contents and for the meaning of names; writes nothing."""

from __future__ import annotations

import subprocess
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, cast

from interlock.adapters.git import program

# A request has 50 or 74 bytes: a chunk always fits into a pipe of 64 KiB. So git never waits for
# this process to read while this process waits for git to accept the next request.
CHUNK = 800


class CatFile:
    """The process starts at the first request, and ends with this one. It reads refs each time."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, ids: Sequence[str]) -> dict[str, bytes]:
        """Return the content of those objects that are here, up to the first promised one."""
        contents: dict[str, bytes] = {}
        with self._lock:
            for start in range(0, len(ids), CHUNK):
                contents.update(self._contents(ids[start : start + CHUNK]))
                if self._process is None:
                    break
        return contents

    def name(self, names: Iterable[str]) -> list[str | None]:
        """Return the ids of the objects with these names, None for one without an object."""
        with self._lock:
            return [None if "\n" in name else self._named(name) for name in names]

    def _contents(self, ids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        answers = self._request("".join(f"contents {each}\n" for each in ids))
        for object_id in ids:
            header = self._header(answers)
            if not header:
                return
            if len(header) != 3:  # it is missing
                continue
            content = answers.read(int(header[2]))
            answers.read(1)
            yield object_id, content

    def _named(self, name: str) -> str | None:
        header = self._header(self._request(f"info {name}\n"))
        return header[0].decode() if len(header) == 3 and header[2].isdigit() else None

    def _request(self, lines: str) -> IO[bytes]:
        process = self._process or self._start()
        to, answers = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
        to.write(lines.encode("utf-8", "surrogateescape"))
        to.flush()
        return answers

    def _header(self, answers: IO[bytes]) -> list[bytes]:
        header = answers.readline().split()
        if not header and self._process:  # git ends at an object that a partial clone lacks
            _end(self._process)
            self._process = None
        return header

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            program.command(self._directory, "cat-file", "--batch-command"),
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
