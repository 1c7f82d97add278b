"""`interlock ledger log` and `verify` beside git's own reading of the same history: `python -m
tests.benchmarks.ledger [--small]`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import generated_ledger, measuring, table
from tests.benchmarks.generated_ledger import BRANCH, FULL, SMALL, Size
from tests.benchmarks.measuring import Measure
from tests.benchmarks.table import Row

_MONTH = Size(days=36, promotions=100)
_NEW = 20
"""Commits after the verified head."""
_GIT_LOG = ["git", "log", "--first-parent", "--name-status", BRANCH]
_GIT_RAW = f"git log --first-parent --raw {BRANCH} > log"
_GIT_FILES = (
    f"git ls-tree -r --format='%(objectname)' {BRANCH} | git cat-file --batch --buffer > content"
)


def rows(small: bool) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder, name) for name in ("month", "years")]
        sizes = (SMALL, SMALL) if small else (_MONTH, FULL)
        month, years = (
            generated_ledger.make(place, size) for place, size in zip(places, sizes, strict=True)
        )
        yield _log("36 days of 100 models", month, runs=5)
        yield from _years(years)
        yield from _verify(month, years)
        yield _since(years)


def _interlock(*arguments: str) -> list[str]:
    return [str(Path(sys.executable).with_name("interlock")), "ledger", *arguments]


def _log(what: str, ledger: Path, *, runs: int) -> Row:
    ours, git = measuring.in_turns(_interlock("log"), _GIT_LOG, folder=ledger, runs=runs)
    return _cpu(f"`ledger log`, {what}", ours, git, "git log --name-status", factor=3)


def _cpu(name: str, ours: Measure, git: Measure, command: str, *, factor: float) -> Row:
    return Row(
        name=name,
        ours=ours.cpu_seconds,
        peer=git.cpu_seconds,
        peer_name=command,
        unit="s CPU",
        limit=factor,
        is_ratio=True,
    )


def _years(ledger: Path) -> Iterator[Row]:
    yield _log("five years", ledger, runs=1)
    commands = _interlock("log"), _GIT_LOG
    ours, git = measuring.in_turns(*commands, folder=ledger, runs=1)
    yield _wall("wall time", ours, git, "git log --name-status", seconds=120)
    ours, git = measuring.in_turns(*map(_first_line, commands), folder=ledger)
    yield _wall("the first line", ours, git, "git log | head -1", seconds=1)


def _wall(what: str, ours: Measure, git: Measure, command: str, *, seconds: float) -> Row:
    return Row(
        name=f"`ledger log`, five years, {what}",
        ours=ours.seconds,
        peer=git.seconds,
        peer_name=command,
        limit=seconds,
    )


def _first_line(command: list[str]) -> list[str]:
    return ["sh", "-c", f"{' '.join(command)} | head -1"]


def _verify(month: Path, years: Path) -> Iterator[Row]:
    peer = ["sh", "-c", f"{_GIT_RAW} && {_GIT_FILES}"]
    for what, ledger in (("36 days of 100 models", month), ("five years", years)):
        ours, git = measuring.in_turns(_interlock("verify"), peer, folder=ledger, runs=1)
        yield _cpu(f"`ledger verify`, {what}", ours, git, "git log, git cat-file", factor=5)
        yield Row(
            name=f"`ledger verify`, {what}, peak memory",
            ours=ours.peak_megabytes,
            peer=git.peak_megabytes,
            peer_name="git, which maps its packs",
            unit="MB",
            limit=2,
            is_ratio=True,
        )


def _since(ledger: Path) -> Row:
    name = f"{BRANCH}~{_NEW}"
    verified = subprocess.check_output(["git", "rev-parse", name], cwd=ledger, text=True).strip()
    peer = ["git", "log", "--first-parent", "--raw", f"{verified}..{BRANCH}"]
    command = _interlock("verify", "--since", verified)
    ours, git = measuring.in_turns(command, peer, folder=ledger)
    return Row(
        name=f"`ledger verify --since`, {_NEW} new commits after five years",
        ours=ours.cpu_seconds,
        peer=git.cpu_seconds,
        peer_name="git log --raw REV..",
        unit="s CPU",
        limit=1,
    )


if __name__ == "__main__":
    print(table.text(rows(small="--small" in sys.argv)))
