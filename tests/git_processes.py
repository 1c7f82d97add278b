"""Counts the Git processes of a block: a program `git`, first on the PATH, writes each down."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_PROGRAM = """\
#!/bin/sh
printf '%s\\n' "$*" >> '{log}'
exec '{git}' "$@"
"""


@contextmanager
def counted(folder: Path) -> Iterator[list[str]]:
    """Give a list that has one command line for each process when the block ends."""
    program, log = folder / "counted" / "git", folder / "counted" / "log"
    program.parent.mkdir(exist_ok=True)
    program.write_text(_PROGRAM.format(log=log, git=shutil.which("git")))
    program.chmod(0o755)
    log.write_text("")
    lines: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.pathsep.join([str(program.parent), os.environ["PATH"]]))
        yield lines
    lines += log.read_text().splitlines()
