"""Measures `interlock demo`: its time, and the Git processes that it starts.

`python -m tests.benchmarks.demo` prints the processes by command after the rows.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests import git_processes
from tests.benchmarks import measuring, table
from tests.benchmarks.table import Row

_COMMAND = (sys.executable, "-m", "interlock", "demo", "--json")
# Options of `git` itself: a folder or a setting.
_OPTIONS = re.compile(r"^(-[cC] \S+ |--\S+ )+")


def rows(*, small: bool) -> Iterator[Row]:
    """Yield the rows of one run; there is no smaller demo."""
    yield from _measured()[0]


def _measured() -> tuple[tuple[Row, ...], Counter[str]]:
    with tempfile.TemporaryDirectory() as folder, git_processes.counted(Path(folder)) as lines:
        done = measuring.measure(_COMMAND, folder=Path(folder))
    seconds = Row(name="demo", ours=done.seconds, limit=45)
    cpu = Row(name="demo, processor", ours=done.cpu_seconds, limit=90)
    processes = Row(name="demo, Git processes", ours=len(lines), limit=600, unit="")
    verbs = Counter(_OPTIONS.sub("", line).partition(" ")[0] for line in lines)
    return (seconds, cpu, processes), verbs


if __name__ == "__main__":
    measured, verbs = _measured()
    print(table.text(measured))
    print("\n".join(f"{number:5} {verb}" for verb, number in verbs.most_common()))
