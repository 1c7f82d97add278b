"""Jobs in processes of their own that can be made to die at an effect: rounds in, answers out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
KILLED = 137

Work = Callable[[dict[str, Any]], dict[str, Any]]


class Counted:
    """Counts effects, by the names of what is called, across everything that it wraps, and dies
    "before" or "after" the n-th of them."""

    def __init__(self, effects: frozenset[str], *, crash: list[Any] | None) -> None:
        self.effects = effects
        self.when: str = crash[0] if crash else "never"
        self.number: int = crash[1] if crash else 0
        self.count = 0

    def wrap(self, inner: Any) -> Any:
        counted = self

        class Wrapped:
            def __getattr__(self, name: str) -> Any:
                value = getattr(inner, name)
                return counted._act(value) if name in counted.effects else value

        return Wrapped()

    def _act(self, effect: Any) -> Any:
        def run(*arguments: Any, **named: Any) -> Any:
            self.count += 1
            self._die("before")
            result = effect(*arguments, **named)
            self._die("after")
            return result

        return run

    def _die(self, when: str) -> None:
        if (self.when, self.number) == (when, self.count):
            os._exit(KILLED)


def serve(work: Work) -> None:
    """A program's whole life: rounds of jobs as JSON on standard input, the jobs of a round at once
    in forks; what each answered, or failed with, as JSON on standard output."""
    answers = []
    with tempfile.TemporaryDirectory() as folder:
        for number, jobs in enumerate(json.load(sys.stdin)):
            files = [Path(folder, f"{number}-{index}.json") for index in range(len(jobs))]
            pairs = zip(jobs, files, strict=True)
            children = [_fork(work, job, answer=file) for job, file in pairs]
            codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
            answers.append(
                [
                    {"code": code} | (json.loads(file.read_text()) if file.exists() else {})
                    for code, file in zip(codes, files, strict=True)
                ]
            )
    json.dump(answers, sys.stdout)


def _fork(work: Work, job: dict[str, Any], *, answer: Path) -> int:
    child = os.fork()
    if child:
        return child
    try:
        document = work(job)
    except BaseException:  # noqa: BLE001 - told to whoever waits
        document = {"lost": traceback.format_exc()}
    answer.write_text(json.dumps(document))
    os._exit(0)


def carry_out(
    program: str, rounds: list[list[Any]], *, extra: Mapping[str, str] | None = None
) -> list[list[dict[str, Any]]]:
    """Run rounds of jobs by a module that serves them; none of them may be lost."""
    done = subprocess.run(
        [sys.executable, "-m", program],
        input=json.dumps(rounds),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ | dict(extra or {}),
    )
    assert done.returncode == 0, done.stderr
    answers: list[list[dict[str, Any]]] = json.loads(done.stdout)
    for answer in (each for answered in answers for each in answered):
        assert "lost" not in answer, answer["lost"]
    return answers
