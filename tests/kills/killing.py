"""Tells the story once, then kills its verbs at random moments and compares how they end."""

from __future__ import annotations

import json
import os
import pickle
import random
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

import filelock
import psutil

from tests.kills import filling, state
from tests.kills import stage as telling
from tests.kills.stage import Stage, Verb

ROOT = Path(__file__).resolve().parents[2]
_DEADLINE_SECONDS = 240.0


@dataclass
class Warm:
    """The process that forks commands."""

    process: subprocess.Popen[bytes]
    _read: bytes = b""
    """What was read behind the last line: on a busy machine both lines of a child come at once."""

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Self]:
        """A new one, with a mount namespace of its own where this machine lets it; its imports take
        seconds."""
        namespace = filling.NAMESPACE if filling.is_possible() else ()
        command = [*namespace, sys.executable, "-m", "tests.kills.warm"]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, cwd=ROOT
        )
        try:
            warm = cls(process)
            assert warm._line(_DEADLINE_SECONDS) == "ready"
            yield warm
        finally:
            process.kill()
            process.wait()

    def rest(self) -> None:
        """Wait until nothing lives that a killed command has left behind."""
        self._send(None)
        assert self._line(_DEADLINE_SECONDS)

    def run(
        self, job: dict[str, Any], *, kill_after: float | None = None, is_whole: bool = True
    ) -> tuple[int, float]:
        """The code and the seconds of one command, which is killed when its time is over: its
        group; and `is_whole` all that it started, as when a machine is switched off."""
        self._send(job)
        number = int(self._line(_DEADLINE_SECONDS))
        began = time.monotonic()
        answer = self._line(_DEADLINE_SECONDS if kill_after is None else kill_after)
        seconds = time.monotonic() - began
        if not answer:
            _kill(number, is_whole=is_whole)
            answer = self._line(_DEADLINE_SECONDS)
        assert answer, "the warm process does not answer"
        return int(answer), seconds

    def _send(self, job: dict[str, Any] | None) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(job).encode() + b"\n")

    def _line(self, seconds: float) -> str:
        """The next line, "" when it does not come in time."""
        assert self.process.stdout
        end = time.monotonic() + seconds
        while b"\n" not in self._read:
            left = max(0.0, end - time.monotonic())
            if not select.select([self.process.stdout], [], [], left)[0]:
                return ""
            more = os.read(self.process.stdout.fileno(), 4096)
            assert more, "the warm process has ended"
            self._read += more
        line, _, self._read = self._read.partition(b"\n")
        return line.decode()


def _kill(number: int, *, is_whole: bool) -> None:
    family: list[int] = []
    with suppress(psutil.NoSuchProcess):
        family = [each.pid for each in psutil.Process(number).children(recursive=True)]
    for each in [number, *family]:
        with suppress(ProcessLookupError):
            if is_whole or os.getpgid(each) == number:
                os.kill(each, signal.SIGKILL)


@dataclass
class Case:
    """A verb of the story, with the world as it was before it, and how it ends when nobody kills.

    `code` is that of a second run, which finds everything done."""

    verb: Verb
    number: int
    snapshot: Path
    heads: dict[str, str]
    seconds: float = 0.0
    codes: tuple[int, int] = (0, 0)
    end: dict[str, Any] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    output: str = ""

    def __str__(self) -> str:
        return f"{self.number} {self.verb.name}"


@dataclass
class Killing:
    """`folder` holds the world, and one copy of it for each verb."""

    folder: Path
    warm: Warm
    stage: Stage = field(init=False)
    cases: list[Case] = field(default_factory=list)

    def tell(self, *, until: int = len(telling.STORY)) -> None:
        """Tell the story without a kill, and keep the world before each verb. What another
        process has told of it, at the same place, goes on from there."""
        self.stage, kept = Stage(self.folder / "world"), self.folder / "told"
        if kept.exists():
            story = pickle.loads(kept.read_bytes())  # noqa: S301 - written below
            self.stage.tokens, self.stage.heads, cases = story
            self.cases = [Case(telling.STORY[n], n, *rest) for n, *rest in cases]
        else:
            self._begin()
            self._keep(kept)
        for number in range(len(self.cases), until):
            self.cases.append(self._tell(number, telling.STORY[number]))
            self._keep(kept)

    def _keep(self, place: Path) -> None:
        cases = [[getattr(case, f.name) for f in fields(case)[1:]] for case in self.cases]
        place.write_bytes(pickle.dumps((self.stage.tokens, self.stage.heads, cases)))

    def _begin(self) -> None:
        self.stage.create()
        with self.stage.served():
            for verb in telling.PROLOGUE:
                self._insist(verb)

    def _tell(self, number: int, verb: Verb) -> Case:
        with self.stage.served():
            verb.before(self.stage)
        case = Case(verb, number, self.folder / f"before-{number}", dict(self.stage.heads))
        shutil.copytree(self.stage.folder, case.snapshot, symlinks=True)
        with self.stage.served():
            code, case.seconds = self._run(verb)
            case.output = self.output()
            # What comes late (a second look at what others did) comes in a second run.
            case.codes = (code, self._run(verb)[0])
            case.end, case.left = self._look(), state.left(self.stage.folder)
        assert not {70, -9} & set(case.codes), (str(case), case.codes, self.output())
        if not verb.is_kept:
            self._restore(case)
        return case

    def kill(self, case: Case, chance: random.Random) -> list[str] | None:
        """Kill the verb at a random moment, let another finish; what differs then. None when the
        verb was done before its time came."""
        self._restore(case)
        with self.stage.served():
            kills = 0
            for _ in range(chance.choice((1, 1, 1, 2))):
                when, is_whole = chance.uniform(0, case.seconds), chance.random() < 0.5
                code, _ = self._run(case.verb, kill_after=when, is_whole=is_whole)
                kills += code == -signal.SIGKILL
            if not kills:
                return None
            if chance.random() < 0.5:
                self._change_machine(case)
            return self._finish(case, is_repeated=chance.random() < 0.25)

    def fill(self, case: Case, chance: random.Random) -> list[str] | None:
        """Let a disk be full after a random number of bytes, then empty it and let another finish;
        what is not output as a full disk, or differs then. None when there was room enough."""
        self._restore(case)
        place = self.stage.folder / chance.choice(filling.PLACES)
        free_kib = chance.choice((0, 0, 4, 16, 64, 256, 1024))
        with self.stage.served():
            code, _ = self._run(case.verb, full={"place": str(place), "free_kib": free_kib})
            text = self.output()
            if code in case.codes and "disk is full" not in text:
                return None
            faults = []
            if "Traceback" in text or code not in {4, *case.codes} or "disk is full" not in text:
                faults = [f"{place.name} with {free_kib} KiB: exit {code}: {text}"]
            return faults + self._finish(case, is_repeated=True)

    def _finish(self, case: Case, *, is_repeated: bool) -> list[str]:
        """Run it to its end, and perhaps once more; how that differs from the end without a
        fault."""
        code, _ = self._run(case.verb)
        faults = [] if code in case.codes else [f"exit {code}, not {case.codes}: {self.output()}"]
        again = self._run(case.verb)[0] if is_repeated else case.codes[1]
        faults += [] if again == case.codes[1] else [f"again: exit {again}, not {case.codes[1]}"]
        self.warm.rest()
        faults += state.differences(case.end, self._look())
        return faults + state.differences(case.left, state.left(self.stage.folder), "left")

    def output(self) -> str:
        return (self.folder / "output").read_text(errors="replace")[-3000:]

    def _run(
        self,
        verb: Verb,
        *,
        kill_after: float | None = None,
        is_whole: bool = True,
        full: dict[str, Any] | None = None,
    ) -> tuple[int, float]:
        job = {
            "full": full,
            "arguments": [verb.name, *verb.arguments(self.stage), "--json"],
            "folder": str(self.stage.clone),
            "environment": self.stage.environment(),
            "output": str(self.folder / "output"),
        }
        return self.warm.run(job, kill_after=kill_after, is_whole=is_whole)

    def _insist(self, verb: Verb) -> None:
        code, _ = self._run(verb)
        assert code == 0, (verb.name, code, self.output())

    def _look(self) -> dict[str, Any]:
        return deepcopy(state.read(self.stage.folder, self.stage.url, self.stage.tokens["octocat"]))

    def _restore(self, case: Case) -> None:
        self.warm.rest()
        shutil.rmtree(self.stage.folder)
        shutil.copytree(case.snapshot, self.stage.folder, symlinks=True)
        self.stage.heads = dict(case.heads)

    def _change_machine(self, case: Case) -> None:
        """The rerun is another machine's, which knows nothing but what is outside."""
        self.warm.rest()
        for name in ("clone", "tmp", "home"):
            shutil.rmtree(self.stage.folder / name)
            shutil.copytree(case.snapshot / name, self.stage.folder / name, symlinks=True)
        self.stage._address(self.stage.clone, "interlock")


@contextmanager
def prepared(folder: Path, warm: Warm, *, until: int = len(telling.STORY)) -> Iterator[Killing]:
    """Give the told story in a folder, which one process at a time may use."""
    folder.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(folder / "lock"):
        killing = Killing(folder, warm)
        killing.tell(until=until)
        yield killing
