"""The cost of own metrics of a million rows: `python -m tests.benchmarks.aggregates`."""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from interlock.adapters.scoring import FileScoring
from interlock.domain.evaluation import scores
from interlock.domain.model.column_map import ColumnMap
from interlock.domain.model.manifest import Aggregate, Better, Evaluation, RowMetric, Task

ROWS = 1_000_000
METRICS = (
    RowMetric("exact_match", Aggregate.MEAN, ("hit",), Better.GREATER),
    RowMetric("wer", Aggregate.RATIO, ("errors", "words"), Better.SMALLER),
)


def write(path: Path, seed: int) -> None:
    fixed, chance = np.random.default_rng(0), np.random.default_rng(seed)
    columns = {
        "id": np.arange(ROWS),
        "hit": chance.random(ROWS),
        "errors": chance.integers(0, 5, ROWS),
        "words": fixed.integers(5, 30, ROWS),
        "conversation": np.arange(ROWS) // 10,
    }
    pl.DataFrame(columns).write_parquet(path)


def measure(folder: Path, group: str) -> None:
    columns = ColumnMap(measured=("hit", "errors", "words"), group=group, is_scored=True)
    evaluation = Evaluation("exact_match", metrics=METRICS, group=group or None)
    request = scores.request(evaluation, task=Task.SCORED, rules=())
    started = time.perf_counter()
    mine, theirs = (
        FileScoring().read(folder / name, name=name, task=Task.SCORED, columns=columns)
        for name in ("mine", "theirs")
    )
    read = time.perf_counter()
    FileScoring().score(mine, champion=theirs, request=request)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = time.perf_counter() - read
    print(
        f"{group or 'rows':>14}: read {read - started:.2f} s, "
        f"2,000 resamples {seconds:.2f} s, {peak:.0f} MiB"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seed, file in enumerate(("mine", "theirs"), start=1):
            write(folder / file, seed)
        for group in ("", "conversation"):
            measure(folder, group)


if __name__ == "__main__":
    main()
