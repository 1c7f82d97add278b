"""Keeps one git process for all writes of a kind: commits, or moved refs."""

from __future__ import annotations

import subprocess
import threading
import weakref
from pathlib import Path
from typing import IO, cast

from interlock.adapters.git import partial, program


class Lasting:
    """The process starts at the first request, and ends with this object."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        self._directory, self._arguments = directory, arguments
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def request(self, text: bytes, *, lines: int) -> list[str] | None:
        """Return the lines of an answer; None if git ended without it, as it does at an error.

        A process of its own then explains the error. A request that is incomplete changes nothing.
        """
        with self._lock:
            try:
                return self._answer(text, lines)
            except BrokenPipeError:
                self._end()
                return None
            except BaseException:  # no answer stays behind for the next request
                self._end()
                raise

    def _answer(self, text: bytes, lines: int) -> list[str]:
        process = self._process or self._start()
        to, answers = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
        to.write(text)
        to.flush()
        answer = [answers.readline() for _ in range(lines)]
        if not answer[-1]:
            raise BrokenPipeError
        return [line.decode().rstrip("\n") for line in answer]

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.communicate()

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            program.command(self._directory, *self._arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=program.environment(partial.LAZILY),
        )
        # It ends at the end of its input.
        weakref.finalize(self, self._process.communicate)
        return self._process
