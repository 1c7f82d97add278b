"""What judging costs: `uv run python -m tests.benchmarks.evaluate`; prints seconds and memory.

Each case runs in a process of its own, so that one's memory is not another's. The ceiling that is
held: accuracy-like metrics of a million rows with 2,000 resamples in 2 seconds and 1 GB. It is
held in processor time, which other programs on the machine do not lengthen as they do the wall's.
"""

from __future__ import annotations

import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

ROWS = 1_000_000
CEILING_SECONDS, CEILING_BYTES = 2.0, 1_000_000_000


class Case(NamedTuple):
    name: str
    task: str
    make: Callable[[np.random.Generator, int], dict[str, np.ndarray]]
    rows: int
    is_held: bool = False


def labels(classes: int) -> Callable[[np.random.Generator, int], dict[str, np.ndarray]]:
    def make(chance: np.random.Generator, rows: int) -> dict[str, np.ndarray]:
        target = np.random.default_rng(0).integers(0, classes, rows)
        is_right = chance.random(rows) < 0.9
        return {
            "target": target,
            "prediction": np.where(is_right, target, chance.integers(0, classes, rows)),
        }

    return make


def values(chance: np.random.Generator, rows: int) -> dict[str, np.ndarray]:
    target = np.random.default_rng(0).normal(size=rows)
    return {"target": target, "prediction": target + chance.normal(size=rows)}


def scored(chance: np.random.Generator, rows: int) -> dict[str, np.ndarray]:
    target = np.random.default_rng(0).integers(0, 2, rows)
    score = 1 / (1 + np.exp(-(chance.normal(size=rows) + 2 * target - 1)))
    return {"target": target, "prediction": (score > 0.5).astype(int), "score_1": score}


CASES = (
    Case("labels, 10 classes", "multiclass", labels(10), ROWS, is_held=True),
    Case("labels, 2 classes", "binary", labels(2), ROWS, is_held=True),
    Case("labels, 100 classes", "multiclass", labels(100), ROWS),
    Case("regression", "regression", values, ROWS),
    Case("binary with scores", "binary", scored, ROWS),
    Case("labels, 10 classes", "multiclass", labels(10), 1_000),
    Case("binary with scores", "binary", scored, 1_000),
)


def main() -> None:
    print(f"{'case':22}{'rows':>10}{'read':>8}{'score':>8}{'(wall)':>9}{'memory':>9}{'command':>9}")
    are_held = True
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            _write(case, Path(folder))
            read, score, wall, size_bytes = _in_a_process(case, folder)
            command = _command(case, folder)
        print(
            f"{case.name:22}{case.rows:>10,}{read:>7.2f}s{score:>7.2f}s{wall:>8.2f}s"
            f"{size_bytes / 1e9:>6.2f} GB{command:>8.2f}s"
        )
        if case.is_held:
            are_held &= score <= CEILING_SECONDS and size_bytes <= CEILING_BYTES
    print(
        "read: both files, checked and sorted; score: metrics by scikit-learn and 2,000 resamples;"
        "\nmemory: the most that a process held, imports included; command: the whole of"
        "\n`interlock evaluate`, imports included. Processor seconds, but for score's (wall)."
    )
    sys.exit(0 if are_held else "the ceiling of 2 seconds and 1 GB was not held")


def _write(case: Case, folder: Path) -> None:
    for seed, name in enumerate(("candidate", "champion"), start=1):
        columns = case.make(np.random.default_rng(seed), case.rows)
        frame = pl.DataFrame({"id": np.arange(case.rows), **columns})
        frame.write_parquet(folder / f"{name}.parquet")


def _in_a_process(case: Case, folder: str) -> tuple[float, float, float, int]:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure, (case.task, folder))


def _measure(task_name: str, folder: str) -> tuple[float, float, float, int]:
    from interlock.adapters.scoring import FileScoring  # noqa: PLC0415 - only in its process
    from interlock.domain.evaluation import scores  # noqa: PLC0415
    from interlock.domain.model.manifest import Evaluation, Task  # noqa: PLC0415

    task = Task(task_name)
    request = scores.request(Evaluation(scores.PRIMARY[task]), task=task, rules=())
    scoring = FileScoring()
    began = time.process_time()
    mine, theirs = (
        scoring.read(Path(folder, f"{name}.parquet"), name=name, task=task)
        for name in ("candidate", "champion")
    )
    have_read, wall = time.process_time(), time.perf_counter()
    scoring.score(mine, champion=theirs, request=request)
    done, wall = time.process_time(), time.perf_counter() - wall
    peak_kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return have_read - began, done - have_read, wall, peak_kilobytes * 1024


def _command(case: Case, folder: str) -> float:
    files = [f"--{n}={folder}/{n}.parquet" for n in ("candidate", "champion")]
    began = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "interlock", "evaluate", *files, "--task", case.task, "--json"],
        check=True,
        capture_output=True,
    )
    done = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.ru_utime + done.ru_stime - began.ru_utime - began.ru_stime


if __name__ == "__main__":
    main()
