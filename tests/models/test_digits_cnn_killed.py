"""The convolutional example, killed at twenty random moments, ends as if nobody had."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from pathlib import Path

import pytest

from . import cnn
from .cnn import Bench

pytest.importorskip("torch", reason="it comes with the extra gpu")
KILLS = 20
EPOCHS = 60
# From its first words on: restoring, learning and storing all fall into this time.
LONGEST_SECONDS = 0.5


def test_training__killed_again_and_again_leaves_the_same_bytes(tmp_path: Path) -> None:
    whole = cnn.open_bench(tmp_path / "whole", epochs=EPOCHS)
    whole.finish()
    bench = cnn.open_bench(tmp_path / "killed", epochs=EPOCHS)
    moments = random.Random(7)
    reached = [kill(bench, after=moments.uniform(0, LONGEST_SECONDS)) for _ in range(KILLS)]
    said = bench.finish()
    assert bench.digests() == whole.digests()
    # It was killed on its way, and what it had stored was not lost.
    assert reached == sorted(reached)
    assert 0 < reached[-1] < EPOCHS * (870 // 64)
    assert f"going on after step {reached[-1]}" in said
    print(f"{KILLS} kills, after which it went on from steps {reached}")


def kill(bench: Bench, *, after: float) -> int:
    """Start it, kill it some seconds after it began to learn; return the newest step it stored."""
    process = bench.start()
    cnn.wait_for("train: 870 rows", process)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=after)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    steps = [int(p.stem.removeprefix("step-")) for p in bench.checkpoints.glob("step-*.json")]
    return max(steps, default=0)
