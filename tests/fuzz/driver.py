"""Runs cases of a target, each in a fork of one warm process, and says which ended as none may.

No case may end in a traceback, in exit 70, by a signal, after 8 seconds of work or with more than
2 GiB of memory. A case is named by its seed: `python -m tests.fuzz TARGET --case SEED` repeats it.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from interlock import cli, errors

SECONDS = 8.0
"""Processor seconds that one command may take, its subprocesses' among them."""
WALL_SECONDS = 4 * SECONDS
"""Then it is killed. More than SECONDS, since a busy machine is no fault of a command's."""
BYTES = 2 << 30
_CODES = frozenset(
    [
        errors.EXIT_DONE,
        errors.EXIT_NO,
        errors.EXIT_INPUT,
        errors.EXIT_SETTINGS,
        errors.EXIT_OUTSIDE,
    ]
)
_TRACEBACK = "Traceback (most recent call last)"


@dataclass(frozen=True, slots=True)
class Ending:
    """How one command ended; `signal` is 0 where none ended it."""

    code: int
    signal: int
    seconds: float
    memory_bytes: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Target:
    """`warm` imports what every case needs, and starts no thread: a fork would lose it. `make`
    fills an empty folder and returns the commands to run in its folder `place`. `check` says what
    is wrong with a command's answer beyond the rules of every target; empty when nothing is.
    `settle` is called in a command's own process, before it, with the case's folder."""

    name: str
    warm: Callable[[], None]
    make: Callable[[random.Random, Path], list[list[str]]]
    place: str = "."
    check: Callable[[Path, list[str], Ending], str] = lambda *_: ""
    settle: Callable[[Path, list[str]], None] = lambda *_: None


@dataclass(frozen=True, slots=True)
class Fault:
    """A case that ended as none may, and how to repeat it."""

    target: str
    seed: str
    arguments: list[str]
    what: str
    ending: Ending

    def __str__(self) -> str:
        lines = self.ending.stderr.strip().splitlines()[-12:]
        command = f"python -m tests.fuzz {self.target} --case {self.seed}"
        return "\n  ".join(
            [f"{command}: interlock {' '.join(self.arguments)}: {self.what}", *lines]
        )


@dataclass(slots=True)
class Tally:
    """What a run did: numbers of cases and commands, commands by exit code, and the slowest."""

    cases: int = 0
    commands: int = 0
    codes: dict[int, int] | None = None
    slowest: float = 0.0
    largest: int = 0

    def add(self, ending: Ending) -> None:
        self.commands += 1
        self.codes = (self.codes or {}) | {ending.code: (self.codes or {}).get(ending.code, 0) + 1}
        self.slowest = max(self.slowest, ending.seconds)
        self.largest = max(self.largest, ending.memory_bytes)

    def __str__(self) -> str:
        codes = ", ".join(f"exit {code}: {n}" for code, n in sorted((self.codes or {}).items()))
        return (
            f"{self.cases} cases, {self.commands} commands ({codes}); slowest {self.slowest:.1f} s "
            f"of processor, largest {self.largest >> 20} MiB"
        )


def run(target: Target, *, seconds: float, seed: str, tally: Tally) -> Iterator[Fault]:
    """Yield the faults of as many cases as fit into `seconds`."""
    target.warm()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield from run_case(target, seed=f"{seed}.{tally.cases}", tally=tally)
        tally.cases += 1


def run_case(target: Target, *, seed: str, tally: Tally, keep: Path | None = None) -> list[Fault]:
    """The faults of one case; its folder stays at `keep` where one is named."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as place:
        folder = keep or Path(place, "case")
        folder.mkdir(parents=True)
        items = []
        for arguments in target.make(random.Random(f"{target.name} {seed}"), folder):
            ending = _command(target, arguments, folder, Path(place))
            tally.add(ending)
            what = _fault(ending) or target.check(folder, arguments, ending)
            if what:
                items.append(Fault(target.name, seed, arguments, what, ending))
        return items


def _fault(ending: Ending) -> str:
    if ending.signal:
        return f"ended by {signal.Signals(ending.signal).name} after {ending.seconds:.1f} s"
    if _TRACEBACK in ending.stderr or _TRACEBACK in ending.stdout:
        return "a traceback"
    if ending.code not in _CODES:
        return f"exit {ending.code}"
    if ending.seconds > SECONDS:
        return f"{ending.seconds:.1f} s of processor"
    if ending.memory_bytes > BYTES:
        return f"{ending.memory_bytes >> 20} MiB of memory"
    return ""


def _command(target: Target, arguments: list[str], folder: Path, place: Path) -> Ending:
    out, err = place / "stdout", place / "stderr"
    child = os.fork()
    if not child:
        _be(target, arguments, folder, out, err)
    status, usage = _wait(child)
    return Ending(
        code=os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1,
        signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        seconds=usage.ru_utime + usage.ru_stime,
        memory_bytes=usage.ru_maxrss * 1024,
        stdout=out.read_text("utf-8", errors="replace"),
        stderr=err.read_text("utf-8", errors="replace"),
    )


def _wait(child: int) -> tuple[int, resource.struct_rusage]:
    """Wait for a child; kill its whole group when its time is over."""
    end = time.monotonic() + WALL_SECONDS
    while time.monotonic() < end:
        number, status, usage = os.wait4(child, os.WNOHANG)
        if number:
            return status, usage
        time.sleep(0.002)
    os.killpg(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    return status, usage


def _be(target: Target, arguments: list[str], folder: Path, out: Path, err: Path) -> None:
    """Become one command; never returns."""
    code = errors.EXIT_BUG
    try:
        os.setsid()
        os.chdir(folder / target.place)
        _settle(out.parent / "home")
        target.settle(folder, arguments)
        _write_to(out, err)
        cli.main(arguments)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - a panic of Rust is one, too
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _settle(home: Path) -> None:
    """An environment of nobody's: no settings, no tokens, and no minutes of retries."""
    for name in [
        name for name in os.environ if name.startswith(("GITHUB_", "MLFLOW_", "INTERLOCK_"))
    ]:
        del os.environ[name]
    home.mkdir(exist_ok=True)
    os.environ |= {"HOME": str(home), "INTERLOCK_MLFLOW_DEADLINE_SECONDS": "2"}


def _write_to(out: Path, err: Path) -> None:
    for number, place in ((1, out), (2, err)):
        os.dup2(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    # What pytest has put in their place would write elsewhere.
    sys.stdout = os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = os.fdopen(2, "w", encoding="utf-8")
