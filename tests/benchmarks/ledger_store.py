"""The ledger's storage beside git: first fetch, one folder, one record, 100 records."""

from __future__ import annotations

import functools
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from interlock.adapters import git
from interlock.adapters.ledger import GitLedger
from tests.benchmarks import generated_ledger
from tests.benchmarks.table import Row

_HEAD = f"refs/heads/{generated_ledger.BRANCH}"


def rows(small: bool) -> Iterator[Row]:
    size = generated_ledger.SMALL if small else generated_ledger.FULL
    with tempfile.TemporaryDirectory() as folder:
        yield from measure(generated_ledger.make(Path(folder), size), Path(folder))


def measure(origin: Path, folder: Path) -> Iterator[Row]:
    """Yield the rows for a bare repository with a ledger, which gets new records."""
    _git(origin, "config", "uploadpack.allowFilter", "true")
    shallow = ("--depth=1", "--filter=blob:none", "--single-branch", "--bare")
    branch = f"--branch={generated_ledger.BRANCH}"
    peer = _seconds(lambda: _git(folder, "clone", *shallow, branch, origin.as_uri(), "peer"))
    _git(folder, "init", "clone")
    clone = folder / "clone"
    settings = {"url": origin.as_uri(), "promisor": "true", "partialCloneFilter": "blob:none"}
    for name, value in settings.items():
        _git(clone, "config", f"remote.origin.{name}", value)
    ledger = GitLedger(git.open_repository(clone))
    yield _row("first fetch of the ledger", _seconds(ledger.refresh), peer, 2)
    paths = ("ls-tree", "-r", "--name-only", _HEAD, "drift/model-0001/")
    peer = _seconds(lambda: _git(origin, *paths))
    yield _row("list one folder", _seconds(lambda: ledger.list("drift/model-0001")), peer, 2)
    for number in (1, 100):
        new = {f"evidence/m{each}/{number:04x}.json": {"schema": "x"} for each in range(number)}
        seconds = _seconds(functools.partial(ledger.append, new, message="Add"))
        yield _row(f"append {number} records", seconds, None, 4)


def _row(name: str, ours: float, peer: float | None, limit: float) -> Row:
    return Row(name=name, ours=ours, limit=limit, peer=peer, peer_name="git" if peer else "")


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)
