"""The convolutional example, killed at twenty random moments, ends as if nobody had."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from . import cnn
from .cnn import Bench

pytest.importorskip("torch", reason="it comes with the extra gpu")
KILLS = 20
EPOCHS = 80
# About as long as learning one epoch and storing it takes.
LONGEST_SECONDS = 0.1
# Imports what takes seconds once, and then trains as often as it is told to, each time in a
# process of its own.
AGAIN_AND_AGAIN = """\
import os, sys
sys.path.insert(0, os.getcwd())
import train
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        os._exit(train.main())
    print("started", pid, flush=True)
    print("ended", os.waitpid(pid, 0)[1], flush=True)
"""


@pytest.mark.timeout(900)
def test_training__killed_again_and_again_leaves_the_same_bytes(tmp_path: Path) -> None:
    whole = cnn.open_bench(tmp_path / "whole", epochs=EPOCHS)
    whole.finish()
    bench = cnn.open_bench(tmp_path / "killed", epochs=EPOCHS)
    moments = random.Random(7)
    with started(bench) as trainings:
        reached = [
            kill(
                bench,
                trainings,
                after_epochs=moments.choice([0, 1, 1, 2]),
                and_seconds=moments.uniform(0, LONGEST_SECONDS),
            )
            for _ in range(KILLS)
        ]
    text = bench.finish()
    assert bench.digests() == whole.digests()
    # It was killed on its way, and what it had stored was not lost.
    assert reached == sorted(reached)
    assert 0 < reached[-1] < EPOCHS * (870 // 64)
    assert f"going on after step {reached[-1]}" in text
    print(f"{KILLS} kills, after which it went on from steps {reached}")


@contextmanager
def started(bench: Bench) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", AGAIN_AND_AGAIN],
        cwd=bench.folder,
        env=bench.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def kill(
    bench: Bench, trainings: subprocess.Popen[str], *, after_epochs: int, and_seconds: float
) -> int:
    """Start a training, kill it some time after it began; return the newest step it stored."""
    assert trainings.stdin is not None
    trainings.stdin.write("go\n")
    trainings.stdin.flush()
    pid = int(cnn.wait_for("started", trainings).split()[1])
    for _ in range(after_epochs):
        cnn.wait_for("train: step", trainings)
    # No waiting for anything: the moment is what is random.
    threading.Event().wait(and_seconds)
    os.kill(pid, signal.SIGKILL)
    assert cnn.wait_for("ended", trainings).split()[1] == str(int(signal.SIGKILL))
    steps = [int(p.stem.removeprefix("step-")) for p in bench.checkpoints.glob("step-*.json")]
    return max(steps, default=0)
