"""The verification of new commits of the ledger, with tokens of the local GitHub: `python -m
tests.benchmarks.verification [--small]`."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import github_sandbox
from interlock.adapters import git, oidc
from interlock.domain.provenance import acceptance, attestation, record_content
from tests import ledger_attacks
from tests.benchmarks import table
from tests.benchmarks.table import Row
from tests.ledger_attacks import EVIDENCE, Signed, World

_SIZES = ((250, 0.25), (1_000, 1.0))


def rows(small: bool) -> Iterator[Row]:
    for commits, limit in ((50, 1.0), (100, 1.0)) if small else _SIZES:
        with tempfile.TemporaryDirectory() as folder:
            yield _verified(Path(folder), commits, limit)


def _verified(folder: Path, commits: int, limit: float) -> Row:
    hub = github_sandbox.Sandbox(folder / "sandbox")
    try:
        with hub.serve():
            world = _world(hub, folder)
            _fill(world, commits)
            ledger, before = world.ledger(), _cpu_seconds()
            state = ledger.verified
            ours = _cpu_seconds() - before
    finally:
        hub.close()
    if state is None or state.ignored or state.news != commits:
        raise AssertionError(state)
    name = f"verification of {commits:,} new commits of the ledger"
    return Row(name=name, ours=ours, unit="s CPU", limit=limit)


def _fill(world: World, commits: int) -> None:
    attestor, repository = (
        Signed(world.sign, world.claims("evaluate")),
        git.open_repository(world.origin),
    )
    head: str | None = None
    for number in range(commits):
        record = {"schema": EVIDENCE, "number": number, "previous": head}
        files = {f"evidence/digits/{number:06}.json": json.dumps(record).encode()}
        described = {path: record_content.describe(data) for path, data in files.items()}
        made = attestor.attest(acceptance.subject(head, described))
        files[acceptance.path_of(head)] = attestation.text(made).encode()
        head = repository.commit(head, files, message=str(number))
    world.move(str(head))


def _world(hub: github_sandbox.Sandbox, folder: Path) -> World:
    world = World(
        folder=folder,
        sign=hub.sign_id_token,
        forge=hub.sign_id_token,
        rules=ledger_attacks.rules_of(hub.issuer),
        reader=lambda: oidc.Issuer(url=hub.issuer),
    )
    world.start()
    return world


def _cpu_seconds() -> float:
    """Of this process and of its git processes that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    print(table.text(rows(small="--small" in sys.argv)))
