"""A promotion that dies before or after any of its effects, and is run again, ends as one that
did not: real Git, a real MLflow, processes that are really gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crashing import KILLED
from tests.integration.promoting import Case, carry_out, tell

# Intent, registered model, version, two aliases, two deployments, outcome.
EFFECTS = 8
# After one effect is before the next, except for the records: there the clone has not yet noted
# what it pushed.
CRASHES = [("before", n) for n in range(1, EFFECTS + 1)] + [("after", 1), ("after", EFFECTS)]


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, str]:
    case, (commit,) = tell(tmp_path_factory.mktemp("merged"), [1.0])
    return case, commit


def test_promote__killed_at_every_effect_and_run_again(
    merged: tuple[Case, str], tmp_path: Path
) -> None:
    template, commit = merged
    whole = Case(template.scene.copy(tmp_path / "whole"))
    cases = [Case(template.scene.copy(tmp_path / f"{when}-{n}")) for when, n in CRASHES]
    died = [
        case.job(commit, clone="one", crash=how) for case, how in zip(cases, CRASHES, strict=True)
    ]
    # Every other rerun is another machine's, which knows nothing but what is outside.
    clones = ["one", "two"] * EFFECTS
    rerun = [case.job(commit, clone=clone) for case, clone in zip(cases, clones, strict=False)]
    jobs = [whole.job(commit, clone="one"), whole.job(commit, clone="one"), *died, *rerun]
    (first, again, *answers) = [answer for (answer,) in carry_out([[job] for job in jobs])]
    assert (first["outcome"], first["version"], first["effects"]) == ("promoted", 1, EFFECTS)
    assert (again["outcome"], again["effects"]) == ("unchanged", 0)
    expected = whole.state()
    assert (expected["staging"], expected["production"]) == (1, 1)
    assert len(expected["versions"]) == 1
    assert len(expected["deployments"]) == 2
    for index, (case, crash) in enumerate(zip(cases, CRASHES, strict=True)):
        assert answers[index] == {"code": KILLED}, crash
        # After the last effect nothing was left to do; the dead process had done it all.
        outcome = "unchanged" if crash == ("after", EFFECTS) else "promoted"
        assert answers[len(cases) + index]["outcome"] == outcome, crash
        assert case.state() == expected, crash
