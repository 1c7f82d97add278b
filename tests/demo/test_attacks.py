"""Every attack comes to nothing, with jobs run in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import attack_stage


@pytest.mark.timeout(600)
def test_attacks__come_to_nothing(tmp_path: Path) -> None:
    found = list(attack_stage.play(tmp_path.resolve(), engine="here"))
    print(f"\n{len(found)} facts of attacks, jobs in this process")
    assert [f"{title}: {fact.sentence}" for title, fact in found if not fact.holds] == []
