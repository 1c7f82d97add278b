"""Ask one long-lived `git cat-file` for objects and for the meaning of names."""

from __future__ import annotations

import subprocess
import threading
import weakref
from pathlib import Path
from typing import IO, cast

from github_sandbox.git.process import environment


class Batch:
    """The process starts at the first question, and ends with this object or with `close`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._end: weakref.finalize[..., Batch] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def resolve(self, name: str) -> tuple[str, str] | None:
        """Return id and kind of the object with a name, or None."""
        header = self._ask("info", name)[0]
        return (header[0], header[1]) if header else None

    def content(self, name: str) -> bytes | None:
        return self._ask("contents", name)[1]

    def close(self) -> None:
        with self._lock:
            self._stop()

    def _ask(self, verb: str, name: str) -> tuple[list[str], bytes | None]:
        if "\n" in name or "\0" in name:
            return [], None
        with self._lock:
            process = self._process or self._start()
            to, answers = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
            to.write(f"{verb} {name}\n".encode(errors="replace"))
            to.flush()
            header = answers.readline().decode(errors="replace").split()
            if not header:  # it ends on names that mean nothing in a bare repository
                self._stop()
            if len(header) != 3 or not header[2].isdigit():
                return [], None
            if verb == "info":
                return header, None
            return header, answers.read(int(header[2]) + 1)[:-1]

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            ["git", "cat-file", "--batch-command"],
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


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()
