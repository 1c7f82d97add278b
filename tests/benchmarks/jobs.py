"""Measures what a workflow's job fetches and installs: `python -m tests.benchmarks.jobs`.

The checkout runs the Git commands of actions/checkout, and then those of the action fetch-branches.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import generated_ledger, measuring, table
from tests.benchmarks.table import Row
from tests.contract import checkouts, workflows
from tests.contract.checkouts import Origin

_INSTALL = workflows.ROOT / "actions" / "run"
_JOB = "import sys; from tests.benchmarks import jobs; jobs.fetch(*sys.argv[1:])"


def rows(*, small: bool, ledger: Path | None = None) -> Iterator[Row]:
    size = generated_ledger.SMALL if small else generated_ledger.FULL
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        origin = _origin(folder, ledger or generated_ledger.make(folder, size))
        yield from _fetched(origin, folder)
        for extra in ("", "train"):
            yield from _installed(folder / f"environment-{extra}", extra)


def _origin(folder: Path, ledger: Path) -> Origin:
    """A repository with the generated ledger beside its branches."""
    origin = checkouts.make_origin(folder, records=0)
    branch = f"refs/heads/{generated_ledger.BRANCH}"
    objects = folder / "acme" / "models.git" / "objects" / "info" / "alternates"
    objects.write_text(f"{ledger.resolve() / 'objects'}\n")
    head = checkouts.git(ledger, "rev-parse", branch)
    origin.git("update-ref", branch, head)
    return origin


def _fetched(origin: Origin, folder: Path) -> Iterator[Row]:
    here, there = folder / "job", folder / "clone"
    arguments = (str(origin.folder), origin.change, str(here))
    ours = measuring.measure([sys.executable, "-c", _JOB, *arguments], folder=workflows.ROOT)
    url = (origin.folder / "acme" / "models.git").as_uri()
    limits = ("--quiet", "--bare", "--depth=1", "--filter=blob:none")
    command = ["git", "clone", *limits, f"--branch={generated_ledger.BRANCH}", url, str(there)]
    peer = measuring.measure(command, folder=folder)
    name = "a job fetches main, a change and the ledger"
    size = sum(each.stat().st_size for each in there.rglob("*.pack"))
    yield Row(
        name=name,
        ours=checkouts.received_bytes(here) / 1e6,
        peer=size / 1e6,
        peer_name="git clone of the ledger",
        limit=10,
        unit="MB",
    )
    yield Row(
        name=name,
        ours=ours.seconds,
        peer=peer.seconds,
        peer_name="git clone of the ledger",
        limit=2,
    )


def fetch(origin: str, change: str, checkout: str) -> None:
    """Do what a job does before its verb."""
    place, folder = Origin(Path(origin), change), Path(checkout)
    inputs = {"fetch-depth": "2147483647", "filter": "blob:none", "ref": change}
    checkouts.run(checkouts.REPLACEMENT, place, folder, {**inputs, "persist-credentials": "false"})
    checkouts.run(checkouts.FETCH_BRANCHES, place, folder, {"branch": "main"})


def _installed(place: Path, extra: str) -> Iterator[Row]:
    """The set-up of a job with the packages in uv's cache, and in an environment of the machine."""
    environment = os.environ | {"INTERLOCK_ENVIRONMENT": str(place), "GITHUB_TOKEN": ""}
    command = [str(_INSTALL), "--version", extra]
    subprocess.run(command, check=True, capture_output=True, env=environment)
    shutil.rmtree(place)
    cached = measuring.measure(command, folder=workflows.ROOT, environment=environment)
    kept = measuring.measure(command, folder=workflows.ROOT, environment=environment)
    name = f"set-up of a job, {extra or 'core'}"
    limits = {"": 5.0}
    yield Row(
        name=f"{name}, packages in uv's cache", ours=cached.seconds, limit=limits.get(extra, 60)
    )
    yield Row(name=f"{name}, INTERLOCK_ENVIRONMENT", ours=kept.seconds, limit=5)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--small", action="store_true")
    parser.add_argument(
        "--ledger", type=Path, help="a ledger of generated_ledger; default: a new one"
    )
    wanted = parser.parse_args()
    print(table.text(rows(small=wanted.small, ledger=wanted.ledger)))


if __name__ == "__main__":
    main()
