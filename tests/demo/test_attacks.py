"""Every attack fails, with jobs in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import attack_stage, attacks


@pytest.mark.timeout(600)
def test_attacks__fail(tmp_path: Path) -> None:
    results = list(attack_stage.run(tmp_path.resolve()))
    assert [f"{title}: {each.sentence}" for title, each in results if not each.passed] == []
    assert {title for title, _ in results} == set(attacks.STEPS)
