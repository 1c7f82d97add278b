"""Run interlock commands in this process, as the shell of a job does."""

from __future__ import annotations

import io
import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, cast

from interlock import errors

_SHA = re.compile(r"\b([0-9a-f]{7})[0-9a-f]{33}\b")


class Console:
    """Runs `program` with the arguments of a command; passes its standard error to `line`.

    All commands share one process, because importing MLflow and scikit-learn takes seconds.
    """

    def __init__(
        self,
        program: Callable[[list[str]], object],
        *,
        say: Callable[[str], None],
        line: Callable[[str], None],
    ) -> None:
        self._program = program
        self.say = say
        self.line = line
        self._output = _PerThread(None)

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Capture the output of commands while the block runs, for each thread separately."""
        before = (sys.stdout, sys.stderr)
        sys.stdout = cast(TextIO, self._output)
        sys.stderr = cast(TextIO, _PerThread(self.line))
        try:
            yield
        finally:
            sys.stdout, sys.stderr = before

    def run(self, repository: Path, verb: str, *arguments: str) -> dict[str, Any]:
        """Run one verb with --json and return its document, {} when it printed none.

        Exit code 1 ("no") is a normal result; all other errors are raised.
        """
        words = (_SHA.sub(r"\1", word) for word in arguments if not word.startswith(("-", "/")))
        self.say(" ".join([verb, *words]))
        self._output.clear()
        try:
            self._program([verb, *arguments, "--repo", str(repository)])
        except errors.InterlockError as error:
            if error.exit_code != errors.EXIT_NO:
                raise
            self.line(str(error))
        text = self._output.text()
        return cast(dict[str, Any], json.loads(text)) if text.strip() else {}


class _PerThread(io.TextIOBase):
    """A stream with one buffer per thread; `line` receives every complete line."""

    def __init__(self, line: Callable[[str], None] | None) -> None:
        self._local = threading.local()
        self._line = line

    def write(self, text: str) -> int:
        kept = self.text() + text
        if self._line is not None:
            *whole, kept = kept.split("\n")
            for line in whole:
                self._line(line)
        self._local.kept = kept
        return len(text)

    def text(self) -> str:
        return str(getattr(self._local, "kept", ""))

    def clear(self) -> None:
        self._local.kept = ""

    def writable(self) -> bool:
        return True
