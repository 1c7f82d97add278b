"""Asks one long-lived `git cat-file` for the objects that full names have."""

from __future__ import annotations

import re
import subprocess
import threading
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import IO, cast

from interlock.adapters.git import program

# In a name these begin an expression, which Git must parse each time.
_EXPRESSION = re.compile(r"[\s:^~?*\[\\\0]|\.\.|@\{")
# Where Git searches, too, for a name without a ref (gitrevisions).
_ELSEWHERE = ("refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")


class Naming:
    """One process starts at the first question, and ends with this one. It reads refs each time."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def is_plain(name: str) -> bool:
        return _EXPRESSION.search(name) is None

    def commit(self, name: str) -> str | None:
        """Return the commit of a full id, a full ref or HEAD."""
        return self._ask([f"{name}^{{commit}}"])[0]

    def is_searched(self, ref: str) -> bool:
        """Return True if Git would find something else, too, under the name of this ref."""
        return any(self._ask([place.format(ref) for place in _ELSEWHERE]))

    def _ask(self, names: Iterable[str]) -> list[str | None]:
        with self._lock:
            return [self._answer(self._process or self._start(), name) for name in names]

    def _answer(self, process: subprocess.Popen[bytes], name: str) -> str | None:
        to, answers = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
        to.write(name.encode("utf-8", "surrogateescape") + b"\n")
        to.flush()
        words = answers.readline().split()
        return words[0].decode() if len(words) == 3 and words[2].isdigit() else None

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            program.command(self._directory, "cat-file", "--batch-check"),
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
