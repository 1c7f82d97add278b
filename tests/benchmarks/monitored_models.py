"""Cost of `monitor`, `dashboard` and `retrain` for many models with years of daily windows:
`python -m tests.benchmarks.monitored_models [--small]`.

Whole processes over real Git and files; GitHub is on loopback. The first run of `monitor`, which
computes the reference profiles and fetches the ledger, is not measured. The peer of `monitor`
profiles the same new windows and pushes one commit.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

import github_sandbox
from interlock.adapters.profiling import FileProfiling
from interlock.domain.basics import timestamps
from tests import monitored
from tests.benchmarks import generated_ledger, measuring, table
from tests.benchmarks.generated_ledger import Size
from tests.benchmarks.measuring import Measure
from tests.benchmarks.table import Row

_REPOSITORY = "acme/models"
_RUNS, _COLUMNS, _ROWS = 3, 8, 10_000
DAYS = _RUNS + 1
"""Days with live data after the last recorded window."""
_SECTION = """\
monitor:
  live: ../../live/{model}/date=*/*.parquet
  time: date
  reference: ../../data/reference.parquet
  window: {{every: 1d, min_rows: 200}}
  retrain:
    refresh: {{pointers: [data.csv.dvc], command: python refresh.py}}
"""


def rows(*, small: bool) -> Iterator[Row]:
    size = generated_ledger.SMALL if small else generated_ledger.FULL
    with tempfile.TemporaryDirectory() as folder, world(Path(folder), size) as made:
        yield from _rows(made)


def _rows(world: World) -> Iterator[Row]:
    size = world.size
    of = f"{size.models} models, {size.days} days"
    world.monitor(0)
    pairs = [(world.monitor(day), world.peer(day)) for day in range(1, _RUNS + 1)]
    ours, peer = (_median([pair[side] for pair in pairs]) for side in (0, 1))
    name = "profile the same windows, one push"
    yield Row(name=f"monitor, {of}", ours=ours, limit=20, peer=peer, peer_name=name)
    for verb in ("dashboard", "retrain"):
        measures = [world.run(verb, day=_RUNS) for _ in range(_RUNS)]
        yield Row(name=f"{verb}, {of}", ours=_median(measures), limit=3)


def _median(measures: list[Measure]) -> float:
    print(
        [(round(m.seconds, 2), round(m.cpu_seconds, 2), round(m.peak_megabytes)) for m in measures],
        file=sys.stderr,
    )
    return statistics.median(each.seconds for each in measures)


@dataclass(frozen=True, slots=True)
class World:
    """A checkout with live data for some days after the last recorded window."""

    folder: Path
    size: Size
    environment: Mapping[str, str]

    @property
    def checkout(self) -> Path:
        return self.folder / "checkout"

    def monitor(self, day: int) -> Measure:
        return self.run("monitor", "--exit-zero", day=day)

    def run(self, verb: str, *arguments: str, day: int) -> Measure:
        now = timestamps.write(_start(day) + timestamps.DAY_SECONDS + 3600)
        command = (sys.executable, "-m", "interlock", verb, "--now", now, *arguments)
        return measuring.measure(command, folder=self.checkout, environment=self.environment)

    def peer(self, day: int) -> Measure:
        command = (sys.executable, "-m", __spec__.name, "--peer", str(self.checkout), str(day))
        return measuring.measure(command, folder=Path.cwd(), environment=self.environment)


@contextmanager
def world(folder: Path, size: Size, *, origin: Path | None = None) -> Iterator[World]:
    place = origin or generated_ledger.make(folder, size)
    hub = github_sandbox.Sandbox(folder / "hub")
    hub.create_repository(_REPOSITORY)
    hub.create_user("octocat", repository=_REPOSITORY, permission="write")
    with hub.serve() as url:
        environment = {
            **os.environ,
            "GITHUB_API_URL": f"{url}/api",
            "GITHUB_REPOSITORY": _REPOSITORY,
            "GITHUB_TOKEN": hub.create_token("octocat"),
            "INTERLOCK_GITHUB_LOGIN": "",
        }
        made = World(folder, size, environment)
        _lay_out(made, place)
        yield made


def _lay_out(world: World, origin: Path) -> None:
    """Write the manifests and the live data, and publish main beside the ledger."""
    shop = monitored.MonitoredShop(world.folder)
    _write(world.checkout / "data/reference.parquet", seed=0)
    days = [_write(world.folder / f"{day}.parquet", seed=day + 1) for day in range(_RUNS + 1)]
    for number in range(world.size.models):
        model = world.size.name(number)
        home = f"model-manifests/{model}"
        manifest = monitored.MANIFEST + _SECTION
        shop.write(f"{home}/model.yaml", manifest.format(model=model))
        shop.write(f"{home}/dvc.yaml", monitored.PIPELINE)
        shop.write(f"{home}/train.py", "print()\n")
        shop.write(f"{home}/params.yaml", "c: 1\n")
        for day, file in enumerate(days):
            place = world.checkout / f"live/{model}/date={timestamps.write(_start(day))[:10]}"
            place.mkdir(parents=True)
            (place / "part.parquet").hardlink_to(file)
    shop.write(".gitignore", "live/\ndata/\n")
    shop.git("init", "--quiet", "--initial-branch=main", ".")
    # What a first fetch costs is not a question here.
    objects = (origin / "objects").resolve()
    (world.checkout / ".git/objects/info/alternates").write_text(f"{objects}\n")
    for command in (
        ("add", "."),
        ("commit", "--quiet", "-m", "Monitor every model"),
        ("remote", "add", "origin", str(origin)),
        ("push", "--quiet", "--force", "origin", "main"),
    ):
        shop.git(*command)


def _write(path: Path, *, seed: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(seed)
    outputs = {"prediction": chance.choice(list("abc"), _ROWS)}
    inputs = {f"column_{place}": chance.normal(size=_ROWS) for place in range(_COLUMNS - 1)}
    pl.DataFrame(outputs | inputs).write_parquet(path)
    return path


def _start(day: int) -> int:
    return generated_ledger.UNTIL + day * timestamps.DAY_SECONDS


def _peer(checkout: Path, day: int) -> None:
    """Profile the windows of a day, and push one commit."""
    profiling = FileProfiling()
    every: dict[str, tuple[str, ...]] = {"include": ("*",), "exclude": ()}
    reference = profiling.profile([str(checkout / "data/reference.parquet")], **every)
    for model in sorted((checkout / "live").iterdir()):
        files = map(str, (model / f"date={timestamps.write(_start(day))[:10]}").iterdir())
        profiling.profile_window(tuple(files), reference=reference, **every)
    for command in (
        ("commit", "--quiet", "--allow-empty", "-m", "Windows"),
        ("push", "--quiet", "origin", "main"),
    ):
        who = ("-c", "user.name=octocat", "-c", "user.email=octocat@example.com")
        subprocess.run(["git", "-C", str(checkout), *who, *command], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--peer", nargs=2, metavar=("CHECKOUT", "DAY"))
    parser.add_argument("--ledger", type=Path, help="a generated ledger, to skip its generation")
    wanted = parser.parse_args()
    if wanted.peer:
        _peer(Path(wanted.peer[0]), int(wanted.peer[1]))
    elif wanted.ledger:
        with (
            tempfile.TemporaryDirectory() as folder,
            world(Path(folder), generated_ledger.FULL, origin=wanted.ledger) as made,
        ):
            print(table.text(_rows(made)))
    else:
        print(table.text(rows(small=wanted.small)))


if __name__ == "__main__":
    main()
