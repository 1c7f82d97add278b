"""Measures whole processes: wall time, processor time and peak memory, both sides in turns.

A process inherits the peak memory of the process that starts it, until its exec and across it. So
each command is started by a small launcher, whose own memory is the floor of the figure (10 MB).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LAUNCHER = """
import json, os, sys, time
began = time.perf_counter()
child = os.fork()
if child == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
_, status, used = os.wait4(child, 0)
seconds = time.perf_counter() - began
with open(sys.argv[1], "w") as file:
    json.dump([seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024], file)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
"""


@dataclass(frozen=True, slots=True)
class Measure:
    """One run. `cpu_seconds` are those of the process and of all that it waited for, `peak_bytes`
    the largest of them (resident, not their sum)."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    exit_code: int
    output: bytes

    @property
    def peak_megabytes(self) -> float:
        return self.peak_bytes / 1e6


def measure(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    exit_codes: Sequence[int] = (0,),
) -> Measure:
    """Run a command in a folder; raises CalledProcessError for another exit code.

    Python may write bytecode, as it does for users: otherwise each run would compile the package.
    """
    variables = dict(os.environ if environment is None else environment)
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.NamedTemporaryFile() as file:
        launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER, file.name]
        done = subprocess.run(
            [*launcher, *command], cwd=folder, env=variables, capture_output=True, check=False
        )
        if done.returncode not in exit_codes:
            raise subprocess.CalledProcessError(
                done.returncode, command, done.stdout, done.stderr.decode("utf-8", "replace")
            )
        seconds, cpu, peak = json.load(file)
    return Measure(seconds, cpu, peak, done.returncode, done.stdout)


def in_turns(
    *commands: Sequence[str],
    folder: Path,
    runs: int = 5,
    environment: Mapping[str, str] | None = None,
    exit_codes: Sequence[int] = (0,),
) -> tuple[Measure, ...]:
    """Return, for each command, the run with the median wall time of `runs` alternating runs."""
    results: list[list[Measure]] = [[] for _ in commands]
    for _ in range(runs):
        for command, measures in zip(commands, results, strict=True):
            measures.append(
                measure(command, folder=folder, environment=environment, exit_codes=exit_codes)
            )
    return tuple(map(_median, results))


def _median(measures: Sequence[Measure]) -> Measure:
    middle = statistics.median_low(each.seconds for each in measures)
    return next(each for each in measures if each.seconds == middle)
