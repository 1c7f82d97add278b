"""Asks one long-lived `git cat-file` for contents and for the meaning of names; writes nothing."""

from __future__ import annotations

import subprocess
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from interlock import errors
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
        with self._asking():
            for start in range(0, len(ids), CHUNK):
                contents.update(self._contents(ids[start : start + CHUNK]))
                if self._process is None:
                    break
        return contents

    def name(self, names: Iterable[str]) -> list[str | None]:
        """Return the ids of the objects with these names, None for one without an object."""
        with self._asking():
            return [None if "\n" in name else self._named(name) for name in names]

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """No answer stays behind for the next question, also after an interrupt."""
        with self._lock:
            try:
                yield
            except BaseException:
                self._end()
                raise

    def _contents(self, ids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        answers = self._request("".join(f"contents {each}\n" for each in ids))
        for object_id in ids:
            header = self._header(answers)
            if not header:
                return
            if len(header) != 3:  # it is missing
                continue
            content = answers.read(int(header[2]) + 1)
            if len(content) <= int(header[2]):  # git ends inside a damaged object
                self._end()
                return
            yield object_id, content[:-1]

    def _named(self, name: str) -> str | None:
        header = self._header(self._request(f"info {name}\n"))
        return header[0].decode() if len(header) == 3 and header[2].isdigit() else None

    def _request(self, lines: str) -> IO[bytes]:
        process = self._process or self._start()
        to, answers = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
        try:
            to.write(f"{lines}flush\n".encode("utf-8", "surrogateescape"))
            to.flush()
        except BrokenPipeError:
            raise self._stopped() from None
        return answers

    def _header(self, answers: IO[bytes]) -> list[bytes]:
        """Return the words before an answer; none if Git ends at an object that a partial clone
        lacks. Raises CannotReachGit if another program ended it: then nothing is known."""
        header = answers.readline().split()
        if not header and self._process:
            if self._process.wait() < 0:
                raise self._stopped()
            self._end()
        return header

    def _stopped(self) -> errors.OutsideFailure:
        code = self._process.wait() if self._process else 0
        done = subprocess.CompletedProcess((), code, b"", b"")
        return program.failure(("cat-file",), done, near=self._directory)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            _kill(process)

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            program.command(self._directory, "cat-file", "--batch-command", "--buffer"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=program.environment(),
        )
        weakref.finalize(self, _kill, self._process)
        return self._process


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()  # it writes nothing that would be lost
    process.communicate()
