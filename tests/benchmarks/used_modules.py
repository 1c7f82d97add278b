"""Finds the modules of which `interlock` runs a function, and the share of the others in its
imports.

    python -m tests.benchmarks.used_modules VERB [OPTION ...]

Runs a verb, and prints the names of the used modules at the end.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType, FrameType

_TIME = re.compile(r"import time: +(\d+) \| +\d+ \| +(interlock[\w.]*)")
_HERE = Path(__file__).resolve().parents[2]


def unused_share(arguments: Sequence[str], *, runs: int) -> float:
    """Return the share, in percent, of the import time of Interlock's own modules."""
    times: dict[str, int] = {}
    for _ in range(runs):
        for name, microseconds in _import_times(arguments):
            times[name] = min(microseconds, times.get(name, microseconds))
    used = _python("-m", "tests.benchmarks.used_modules", *arguments).stdout.splitlines()[-1]
    unused = times.keys() - set(used.split())
    return 100 * sum(times[name] for name in unused) / sum(times.values())


def _import_times(arguments: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield each module with its own time, without the modules that it imports."""
    done = _python("-X", "importtime", "-m", "interlock", *arguments)
    for match in _TIME.finditer(done.stderr):
        yield match[2], int(match[1])


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=_HERE, capture_output=True, text=True, check=True)


def _used(arguments: Sequence[str]) -> set[str]:
    """Run a verb and return the modules of which a function runs, not counting their imports."""
    used: set[str] = set()
    known: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        name = frame.f_globals.get("__name__", "")
        if event != "call" or frame.f_code in known or not name.startswith("interlock"):
            return
        if not _is_import(frame):
            known.add(frame.f_code)
            used.add(name)

    sys.setprofile(note)
    try:
        importlib.import_module("interlock.cli").group.main(arguments, standalone_mode=False)
    finally:
        sys.setprofile(None)
    return used


def _is_import(frame: FrameType | None) -> bool:
    while frame is not None and frame.f_globals["__name__"] != __name__:
        if frame.f_code.co_name == "<module>":
            return True
        frame = frame.f_back
    return False


if __name__ == "__main__":
    with contextlib.redirect_stdout(io.StringIO()):
        names = _used(sys.argv[1:])
    print(*names)
