"""The curves of the growth table: a verb, the number that grows, its sizes, and its world."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from tests.benchmarks import (
    evaluate,
    generated_ledger,
    measuring,
    monitored_models,
    plan_repository,
    promoted_models,
    report,
)
from tests.benchmarks.generated_ledger import Size

Measure = Callable[[], float]
World = Callable[[Path, int], AbstractContextManager[Measure]]
_INTERLOCK = (sys.executable, "-m", "interlock")
_PLAN = ("plan", "--base", "HEAD~1", "--json")


@dataclass(frozen=True, slots=True)
class Curve:
    """`world` prepares a size and gives a function that measures one run."""

    verb: str
    dimension: str
    sizes: tuple[int, ...]
    world: World
    unit: str = "s"

    def scaled(self, factor: float) -> Curve:
        return replace(self, sizes=tuple(max(1, int(size * factor)) for size in self.sizes))


def _run(
    *arguments: str, folder: Path, environment: Mapping[str, str] | None = None
) -> Callable[[], float]:
    command = (*_INTERLOCK, *arguments)
    return lambda: measuring.measure(command, folder=folder, environment=environment).seconds


@contextmanager
def _plan_models(folder: Path, size: int) -> Iterator[Measure]:
    plan_repository.make(folder / "many", size)
    plan_repository.change(folder / "many")
    # With a memo, a plan costs as much as the change.
    environment = {**os.environ, "INTERLOCK_PLAN_MEMO": "0"}
    yield _run(*_PLAN, folder=folder / "many", environment=environment)


@contextmanager
def _plan_files(folder: Path, size: int) -> Iterator[Measure]:
    plan_repository.make(folder / "files", 1, others=size)
    plan_repository.change(folder / "files")
    yield _run(*_PLAN, folder=folder / "files")


@contextmanager
def _plan_commits(folder: Path, size: int) -> Iterator[Measure]:
    root = folder / "commits"
    plan_repository.make(root, 1)
    lines = (
        "commit HEAD\ncommitter octocat <octocat@example.com> 1900000000 +0000\ndata 1\n.\n"
        + ("from HEAD^0\n" if number == 0 else "")
        for number in range(size)
    )
    stream = "".join(lines).encode()
    subprocess.run(["git", "-C", str(root), "fast-import", "--quiet"], input=stream, check=True)
    plan_repository.change(root)
    yield _run(*_PLAN, folder=root)


@contextmanager
def _validate_models(folder: Path, size: int) -> Iterator[Measure]:
    plan_repository.make(folder / "many", size)
    yield _run("validate", "--rev", "HEAD", folder=folder / "many")


@contextmanager
def _evaluate_rows(folder: Path, size: int) -> Iterator[Measure]:
    files = []
    for seed, side in enumerate(("candidate", "champion"), start=1):
        columns = evaluate.scored(np.random.default_rng(seed), size)
        table = pl.DataFrame({"id": np.arange(size), **columns})
        table.write_parquet(folder / f"{side}.parquet")
        files.append(f"--{side}={folder / side}.parquet")
    yield _run("evaluate", *files, "--task", "binary", "--json", folder=folder)


@contextmanager
def _monitor_rows(folder: Path, size: int) -> Iterator[Measure]:
    files = []
    for seed, side in enumerate(("reference", "live")):
        chance = np.random.default_rng(seed)
        columns = {f"column_{each}": chance.normal(size=size) for each in range(8)}
        pl.DataFrame(columns).write_parquet(folder / f"{side}.parquet")
        files += [f"--{side}", str(folder / f"{side}.parquet")]
    yield _run("monitor", *files, "--json", "--exit-zero", folder=folder)


@contextmanager
def _report_models(folder: Path, size: int) -> Iterator[Measure]:
    with report.served(folder, count=size) as pull:
        yield _run("report", "--pull", "1", folder=pull.checkout, environment=pull.environment)


def _promoted(*arguments: str) -> World:
    @contextmanager
    def world(folder: Path, size: int) -> Iterator[Measure]:
        with promoted_models.promoted(folder, count=size) as promoted:
            environment = promoted.settings(promoted.uri)
            yield _run(*arguments, folder=promoted.scene.checkout, environment=environment)

    return world


def _ledger(*arguments: str) -> World:
    @contextmanager
    def world(folder: Path, size: int) -> Iterator[Measure]:
        days = Size(models=20, days=size // 20, promotions=size // 200)
        place = generated_ledger.make(folder, days)
        named = [each.format(since=f"{generated_ledger.BRANCH}~20") for each in arguments]
        yield _run("ledger", *named, folder=place)

    return world


def _monitored(verb: str, size_of: Callable[[int], Size]) -> World:
    @contextmanager
    def world(folder: Path, size: int) -> Iterator[Measure]:
        with monitored_models.world(folder, size_of(size)) as made:
            made.monitor(0)
            days = iter(range(1, monitored_models.DAYS))
            if verb == "monitor":
                yield lambda: made.monitor(next(days)).seconds
            else:
                yield lambda: made.run(verb, day=0).seconds

    return world


@contextmanager
def _fetched(folder: Path, size: int) -> Iterator[Measure]:
    """Bytes of the clone of a job: one commit of the ledger without files."""
    days = Size(models=20, days=size // 20, promotions=size // 200)
    place, job = generated_ledger.make(folder, days), folder / "job"
    subprocess.run(
        ["git", "-C", str(place), "config", "uploadpack.allowFilter", "true"], check=True
    )
    limits = ("--quiet", "--bare", "--depth=1", "--filter=blob:none")
    head = f"--branch={generated_ledger.BRANCH}"
    subprocess.run(["git", "clone", *limits, head, place.as_uri(), str(job)], check=True)
    packs = (job / "objects" / "pack").glob("*.pack")
    received = sum(pack.stat().st_size for pack in packs) / 1e6
    yield lambda: received


def _records(size: int) -> Size:
    return Size(models=20, days=size // 20, promotions=20)


def _models(size: int) -> Size:
    return Size(models=size, days=30, promotions=size)


_RECORDS = (5_000, 10_000, 20_000, 40_000)
_MODELS = (25, 50, 100, 200)
CURVES = (
    Curve("plan", "models", (500, 1_000, 2_000, 4_000), _plan_models),
    Curve("plan", "commits", (5_000, 10_000, 20_000, 40_000), _plan_commits),
    Curve("plan", "files", (12_500, 25_000, 50_000, 100_000), _plan_files),
    Curve("validate", "models", (250, 500, 1_000, 2_000), _validate_models),
    Curve("evaluate", "rows", (250_000, 500_000, 1_000_000, 2_000_000), _evaluate_rows),
    Curve("report", "models", (40, 80, 160, 320), _report_models),
    Curve("promote", "models", (10, 20, 40, 80), _promoted("promote", "--rev", "main")),
    Curve("reconcile", "models", (10, 20, 40, 80), _promoted("reconcile")),
    Curve("monitor", "rows", (250_000, 500_000, 1_000_000, 2_000_000), _monitor_rows),
    Curve("monitor", "models", _MODELS, _monitored("monitor", _models)),
    Curve("monitor", "records", _RECORDS, _monitored("monitor", _records)),
    Curve("dashboard", "models", _MODELS, _monitored("dashboard", _models)),
    Curve("dashboard", "records", _RECORDS, _monitored("dashboard", _records)),
    Curve("retrain", "models", _MODELS, _monitored("retrain", _models)),
    Curve("retrain", "records", _RECORDS, _monitored("retrain", _records)),
    Curve("ledger show", "records", _RECORDS, _ledger("show", "model-0001")),
    Curve("ledger log", "records", _RECORDS, _ledger("log")),
    Curve("ledger verify", "records", _RECORDS, _ledger("verify")),
    Curve("ledger verify --since", "records", _RECORDS, _ledger("verify", "--since", "{since}")),
    Curve("fetch of a job", "records", _RECORDS, _fetched, unit="MB"),
)
