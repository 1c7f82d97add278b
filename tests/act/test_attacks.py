"""Every attack fails, with the jobs of the workflow files under act."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import attack_stage, attacks
from tests.act.runner import ActRunner


@pytest.mark.timeout(1800)
def test_attacks__fail_under_act(tmp_path: Path) -> None:
    results = dict(attack_stage.run(tmp_path.resolve(), ActRunner.prepared))
    wrong = [
        f"{title}: {each.sentence}"
        for title, assertions in results.items()
        for each in assertions
        if not each.passed
    ]
    assert wrong == []
    assert set(results) == set(attacks.STEPS)
