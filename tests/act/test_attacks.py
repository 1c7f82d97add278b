"""Every attack comes to nothing, with jobs run by the true workflow files, under act."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import attack_stage


@pytest.mark.timeout(1800)
def test_attacks__come_to_nothing_under_act(tmp_path: Path) -> None:
    found = list(attack_stage.play(tmp_path.resolve(), engine="act"))
    print(f"\n{len(found)} facts of attacks, under act")
    assert [f"{title}: {fact.sentence}" for title, fact in found if not fact.holds] == []
