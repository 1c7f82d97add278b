"""Runs interlock's own command lines in this process, as a job's shell would; knows no journey."""

from __future__ import annotations

import io
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, cast

from interlock import errors


class Console:
    """Each command's standard output is its document; standard error goes to `line` by line.

    `program` is the command line itself: it takes arguments and raises what goes wrong.

    One process instead of one per command: importing MLflow and scikit-learn anew for each would
    be most of the demo's time.
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
        """Route what commands print while the block runs, each thread's apart."""
        before = (sys.stdout, sys.stderr)
        sys.stdout = cast(TextIO, self._output)
        sys.stderr = cast(TextIO, _PerThread(self.line))
        try:
            yield
        finally:
            sys.stdout, sys.stderr = before

    def run(self, repository: Path, verb: str, *arguments: str) -> dict[str, Any]:
        """Run one verb with --json; its document, {} when it printed none.

        An answer of "no" (exit code 1) is an answer; any error of a broken world is raised.
        """
        self.say(" ".join([verb, *(a for a in arguments if not a.startswith(("-", "/")))]))
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
    """A stream that keeps what each thread writes apart, or hands on every whole line."""

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
