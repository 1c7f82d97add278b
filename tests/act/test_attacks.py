"""Every attack fails, with the jobs of the workflow files under act."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import attack_stage, attacks
from tests.act.runner import ActRunner


@pytest.mark.timeout(1800)
def test_attacks__fail_under_act(tmp_path: Path) -> None:
    results = list(attack_stage.run(tmp_path.resolve(), ActRunner.prepared))
    assert [f"{title}: {each.sentence}" for title, each in results if not each.passed] == []
    assert {title for title, _ in results} == set(attacks.STEPS)
