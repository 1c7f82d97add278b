"""A verification starts the same git processes for any number of commits, and one token is
requested for each written commit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from interlock.domain.provenance.attestation import Attestation
from tests import git_processes, ledger_attacks
from tests.ledger_attacks import EVIDENCE, Signed, World


def verbs(world: World, folder: Path) -> list[str]:
    """The verb of each git process of a verification, in order."""
    with git_processes.counted(folder) as lines:
        state = world.ledger().verified
    assert state is not None
    assert not state.ignored
    return [line.rpartition("maintenance.auto=false ")[2].split()[0] for line in lines]


def test_verification__starts_the_same_processes_for_ten_times_the_commits(tmp_path: Path) -> None:
    world, counts = ledger_attacks.in_memory(tmp_path), list[list[str]]()
    for numbers in (range(3), range(3, 30)):
        ledger = world.ledger("evaluate")
        for number in numbers:
            path = f"evidence/digits/{number:04}.json"
            assert ledger.append({path: {"schema": EVIDENCE}}, message=path)
        counts.append(verbs(world, tmp_path))
    assert counts[0] == counts[1]
    assert counts[0].count("log") == 1


def test_write__requests_one_token_for_each_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, requests = ledger_attacks.in_memory(tmp_path), list[object]()
    plain = Signed.attest

    def attest(self: Signed, document: Mapping[str, Any]) -> Attestation:
        requests.append(document)
        return plain(self, document)

    monkeypatch.setattr(Signed, "attest", attest)
    one, other = world.ledger("evaluate"), world.ledger("evaluate")
    records = {f"evidence/digits/{n:04}.json": {"schema": EVIDENCE} for n in range(3)}
    assert one.append(records, message="Three records")
    assert len(requests) == 1
    assert not other.append(records, message="The same")
    assert len(requests) == 2, "the first request was for a commit over an older head"
