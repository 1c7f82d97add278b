"""What a plan costs: cold, with many models, with its memo, and among many files of no model.

python -m tests.benchmarks.plan [--small]
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import plan_repository, table, used_modules
from tests.benchmarks.measuring import in_turns, measure
from tests.benchmarks.table import Row

_PLAN = (sys.executable, "-m", "interlock", "plan", "--base", "HEAD~1", "--json")
_LIBRARIES = (sys.executable, "-c", "import click, yaml, jsonschema_rs")
_PARSE = (sys.executable, "-m", "tests.benchmarks.plan_repository")
_HERE = Path(__file__).resolve().parents[2]
"""An installed package has bytecode, and the first run writes that of a checkout."""


def rows(small: bool) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="interlock-plan-") as name:
        folder = Path(name)
        yield from _cold(folder / "cold")
        yield from _many(folder / "many", 200 if small else 10_000)
        yield from _remembered(folder / "many", 200 if small else 10_000)
        yield _others(folder / "others", 5_000 if small else 100_000)


def _cold(root: Path) -> Iterator[Row]:
    plan_repository.make(root, 1)
    plan_repository.change(root)
    ours, peer = in_turns(_PLAN, _LIBRARIES, folder=root, runs=9)
    name = "the imports of its libraries"
    yield Row(
        name="plan, cold", ours=ours.cpu_seconds, limit=0.2, peer=peer.cpu_seconds, peer_name=name
    )
    share = used_modules.unused_share([*_PLAN[3:], "--repo", str(root)], runs=5)
    name = "plan, cold: share of unused modules in its imports"
    yield Row(name=name, ours=share, limit=30, unit="%")


def _many(root: Path, count: int) -> Iterator[Row]:
    plan_repository.make(root, count)
    plan_repository.change(root)
    # Processor time: the other programs of a machine make both sides slower, but not at once.
    environment = {**os.environ, "INTERLOCK_PLAN_MEMO": "0"}
    ours = measure([*_PLAN, "--repo", str(root)], folder=_HERE, environment=environment)
    peer = measure([*_PARSE, str(root)], folder=_HERE)
    name = f"plan, {count:,} models, one file changed"
    yield Row(
        name=name,
        ours=ours.cpu_seconds,
        limit=1.6,
        is_ratio=True,
        peer=peer.cpu_seconds,
        peer_name="each file parsed once",
    )
    yield Row(
        name=f"{name}: peak memory",
        ours=ours.peak_megabytes,
        limit=391,
        unit="MB",
        peer=peer.peak_megabytes,
        peer_name="each file parsed once",
    )


def _remembered(root: Path, count: int) -> Iterator[Row]:
    """Plan with the memo of the plan before, after a change of one file of one model."""
    command = [*_PLAN, "--repo", str(root)]
    environment = {**os.environ, "GITHUB_ACTIONS": "", "CI": ""}
    first = measure(command, folder=_HERE, environment=environment)
    full = measure(command, folder=_HERE, environment=environment | {"INTERLOCK_PLAN_MEMO": "0"})
    yield Row(
        name=f"plan, {count:,} models, and the memo written",
        ours=first.cpu_seconds,
        limit=2,
        is_ratio=True,
        peer=full.cpu_seconds,
        peer_name="without a memo",
    )
    for name, change in (("parameter", plan_repository.change), ("program", _change_program)):
        change(root, 1)
        again = measure(command, folder=_HERE, environment=environment)
        yield Row(
            name=f"plan, {count:,} models, with a memo, one {name} of one model changed",
            ours=again.cpu_seconds,
            limit=1,
            peer=full.cpu_seconds,
            peer_name="without a memo",
        )


def _change_program(root: Path, number: int) -> None:
    plan_repository.commit(root, {f"model-manifests/m{number:05d}/train.py": "import json\n"})


def _others(root: Path, count: int) -> Row:
    plan_repository.make(root, 1, others=count)
    plan_repository.change(root)
    differ = ("git", "diff-tree", "-r", "HEAD~1", "HEAD")
    ours, peer = in_turns(_PLAN, differ, folder=root, runs=5)
    return Row(
        name=f"plan, {count:,} other files",
        ours=ours.cpu_seconds,
        limit=0.3,
        peer=peer.cpu_seconds,
        peer_name="git diff-tree",
    )


if __name__ == "__main__":
    print(table.text(rows(small="--small" in sys.argv)))
