"""Reads the output of one git process while it runs."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from interlock.adapters.git import program

_BYTES = 1 << 16


def read(
    directory: Path, *arguments: str, extra: Mapping[str, str] | None = None
) -> Iterator[bytes]:
    """Run git and yield its output as soon as it is written; raises as `program.run`.

    The process ends with the iterator.
    """
    with tempfile.TemporaryFile() as messages:
        with subprocess.Popen(
            program.command(directory, *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=messages,
            env=program.environment(extra),
        ) as process:
            try:
                while data := process.stdout.read1(_BYTES):  # type: ignore[union-attr]
                    yield data
            except BaseException:
                process.kill()
                raise
        messages.seek(0)
        done = subprocess.CompletedProcess(arguments, process.returncode, b"", messages.read())
    if done.returncode != 0:
        raise program.failure(arguments, done, near=directory)
