"""One long-lived Git process of a repository, which reads requests and writes answers."""

from __future__ import annotations

import subprocess
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar, cast

from github_sandbox.git.process import environment

_BYTES = 1 << 16

T = TypeVar("T")


class Lasting:
    """The process starts at the first request, and ends with this object or with `close`."""

    def __init__(self, path: Path, *arguments: str) -> None:
        self._path, self._arguments = path, arguments
        self._lock = threading.Lock()
        self._end: weakref.finalize[..., Lasting] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, request: str, read: Callable[[IO[bytes]], T]) -> T | None:
        """Return an answer; None if the process ended, as Git does at an error.

        `read` takes exactly one answer, and raises EOFError at the end of all.
        """
        with self._lock:
            process = self._process or self._start()
            to, answers = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
            try:
                to.write(request.encode(errors="replace"))
                to.flush()
                return read(answers)
            except (EOFError, BrokenPipeError):
                self._stop()
                return None

    def close(self) -> None:
        with self._lock:
            self._stop()

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            ["git", *self._arguments],
            cwd=self._path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
        self._process, self._end = process, weakref.finalize(self, _end, process)
        return process

    def _stop(self) -> None:
        if self._end is not None:
            self._end()
        self._process = self._end = None


def up_to(end: bytes) -> Callable[[IO[bytes]], bytes]:
    """Return what reads an answer with this end, and leaves the end out."""

    def read(answers: IO[bytes]) -> bytes:
        answer = b""
        while not answer.endswith(end):
            data = answers.read1(_BYTES)  # type: ignore[attr-defined]
            if not data:
                raise EOFError
            answer += data
        return answer.removesuffix(end)

    return read


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()
