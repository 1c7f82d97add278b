"""The cost of `interlock evaluate` of two files, beside scikit-learn's own passes over them.

`python -m tests.benchmarks.evaluate [--small]`. Each side is a process of its own: ours checks both
files, and has intervals of 2,000 resamples; scikit-learn's only reads the columns and computes.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tests.benchmarks import measuring, table
from tests.benchmarks.measuring import Measure
from tests.benchmarks.table import Row

Columns = dict[str, Any]
PEER = "scikit-learn"
ROOT = Path(__file__).parents[2]
CORES = 2
"""Of the machine to which the limits of the wall time apply."""
MILLION = 1_000_000
_SIDES = "candidate", "champion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`peer` are the metrics that scikit-learn computes. The limits are of the whole command."""

    name: str
    task: str
    columns: Callable[[np.random.Generator, int], Columns]
    peer: tuple[str, ...]
    rows: int = MILLION
    seconds: float
    megabytes: float
    runs: int = 1


def labels(classes: int) -> Callable[[np.random.Generator, int], Columns]:
    def columns(chance: np.random.Generator, rows: int) -> Columns:
        target = np.random.default_rng(0).integers(0, classes, rows)
        other = chance.integers(0, classes, rows)
        return {"target": target, "prediction": np.where(chance.random(rows) < 0.9, target, other)}

    return columns


def values(chance: np.random.Generator, rows: int) -> Columns:
    target = np.random.default_rng(0).normal(size=rows)
    return {"target": target, "prediction": target + chance.normal(size=rows)}


def scored(chance: np.random.Generator, rows: int) -> Columns:
    target = np.random.default_rng(0).integers(0, 2, rows)
    score = 1 / (1 + np.exp(-(chance.normal(size=rows) + 2 * target - 1)))
    return {"target": target, "prediction": (score > 0.5).astype(int), "score_1": score}


def scored_classes(chance: np.random.Generator, rows: int) -> Columns:
    target = np.random.default_rng(0).integers(0, 3, rows)
    scores = chance.random((rows, 3)) + np.eye(3)[target]
    scores /= scores.sum(axis=1, keepdims=True)
    by_class = {f"score_{label}": scores[:, label] for label in range(3)}
    return {"target": target, "prediction": scores.argmax(axis=1), **by_class}


_BINARY: dict[str, Any] = {
    "task": "binary",
    "columns": scored,
    "peer": ("roc_auc", "average_precision", "log_loss", "brier"),
}
CASES = (
    Case(name="binary with scores", **_BINARY, seconds=3, megabytes=500, runs=3),
    Case(
        name="3 classes with scores",
        task="multiclass",
        columns=scored_classes,
        peer=("roc_auc_ovr", "log_loss"),
        seconds=5,
        megabytes=700,
    ),
    Case(
        name="labels of 10 classes",
        task="multiclass",
        columns=labels(10),
        peer=("f1_macro", "cohen_kappa", "matthews_corrcoef"),
        seconds=3,
        megabytes=500,
    ),
    Case(
        name="regression",
        task="regression",
        columns=values,
        peer=("rmse", "mae", "r2", "median_absolute_error"),
        seconds=5,
        megabytes=500,
    ),
    Case(name="binary with scores", **_BINARY, rows=10 * MILLION, seconds=20, megabytes=1_500),
)


def rows(small: bool) -> Iterator[Row]:
    """Yield the time, the memory and the distance from scikit-learn of each case."""
    for case in CASES:
        size = case.rows // 100 if small else case.rows
        with tempfile.TemporaryDirectory() as folder:
            paths = _write(case, Path(folder), size)
            ours, peer = measuring.in_turns(
                _ours(case, paths), _peer(case, paths), folder=ROOT, runs=case.runs
            )
        yield from _rows(case, ours, peer, name=f"evaluate, {size:,} rows, {case.name}")


def _write(case: Case, folder: Path, size: int) -> list[str]:
    paths = [str(folder / f"{side}.parquet") for side in _SIDES]
    for seed, path in enumerate(paths, start=1):
        columns = case.columns(np.random.default_rng(seed), size)
        pl.DataFrame({"id": np.arange(size), **columns}).write_parquet(path)
    return paths


def _ours(case: Case, paths: list[str]) -> list[str]:
    files = [f"--{side}={path}" for side, path in zip(_SIDES, paths, strict=True)]
    return [sys.executable, "-m", "interlock", "evaluate", *files, "--task", case.task, "--json"]


def _peer(case: Case, paths: list[str]) -> list[str]:
    program = [sys.executable, "-m", "tests.benchmarks.scikit_learn_passes"]
    return [*program, case.task, ",".join(case.peer), *paths]


def _rows(case: Case, ours: Measure, peer: Measure, *, name: str) -> Iterator[Row]:
    def row(what: str, one: float, other: float | None, limit: float, unit: str) -> Row:
        return Row(
            name=f"{name}: {what}",
            ours=one,
            peer=other,
            peer_name="" if other is None else PEER,
            limit=limit,
            unit=unit,
        )

    cpu = ours.cpu_seconds, peer.cpu_seconds
    memory = ours.peak_megabytes, peer.peak_megabytes
    yield row("wall time", ours.seconds, peer.seconds, case.seconds, "s")
    yield row("processor time", *cpu, case.seconds * CORES, "s")
    yield row("peak memory", *memory, case.megabytes, "MB")
    yield row("largest difference", _difference(ours, peer), None, 1e-12, "")


def _difference(ours: Measure, peer: Measure) -> float:
    """Return the largest difference of a metric from scikit-learn's, relative above 1."""
    metrics = json.loads(ours.output)["metrics"]
    differences = (
        abs(metrics[name][side] - value) / max(1.0, abs(value))
        for side, values in zip(_SIDES, json.loads(peer.output), strict=True)
        for name, value in values.items()
    )
    return float(max(differences))


if __name__ == "__main__":
    print(table.text(rows(small="--small" in sys.argv)))
