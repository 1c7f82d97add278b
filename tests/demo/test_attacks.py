"""Every attack comes to nothing, with jobs run in this process."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests import attack_stage


@pytest.mark.timeout(600)
def test_attacks__come_to_nothing(tmp_path: Path) -> None:
    found = []
    for title, fact in attack_stage.play(tmp_path.resolve(), engine="here"):
        found.append((title, fact))
        print(bool(fact.holds), title, fact.sentence, file=sys.__stdout__, flush=True)
    print(f"\n{len(found)} facts of attacks, jobs in this process")
    assert [f"{title}: {fact.sentence}" for title, fact in found if not fact.holds] == []
