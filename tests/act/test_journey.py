"""The demo with every job run by the workflow files under act has the same end state.

It takes minutes, so it is a step of its own in `.ci/run` and not part of the suite.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import kept_demo
from tests.act import end_state, proof


@pytest.fixture(scope="session")
def act_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo under act."""
    folder = tmp_path_factory.mktemp("act")
    (folder / "home").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.act.demo", str(folder / "kept")],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    document = json.loads(done.stdout or "{}")
    failures = [
        assertion["sentence"]
        for step in document.get("steps", [])
        for assertion in step["assertions"]
        if not assertion["passed"]
    ]
    assert done.returncode == 0, (failures, done.stderr[-4000:])
    assert len(document["steps"]) == 12
    (folder / "kept" / "console.txt").write_text(done.stderr)
    return folder / "kept"


@pytest.mark.timeout(3600)
def test_journey__has_the_same_end_state_under_act(
    act_demo: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    under_act = end_state.read(act_demo)
    here = end_state.read(kept_demo.folder(tmp_path_factory) / "kept")
    assert under_act.ledger == here.ledger
    assert under_act.registry == here.registry
    assert under_act.checks == here.checks
    assert under_act.comments == here.comments
    assert (len(here.comments), len(here.checks)) == (7, 7)


@pytest.mark.timeout(3600)
def test_journey__every_record_of_the_jobs_is_attested_and_counts(act_demo: Path) -> None:
    commits = proof.commits(act_demo)
    assert len(commits) > len(proof.EXPECTED_KINDS)
    assert [each for each in commits if each.records and not each.is_attested] == []
    kinds = {path.partition("/")[0] for each in commits for path in each.records}
    assert kinds >= proof.EXPECTED_KINDS
    assert any(each.verifications for each in commits)
    (retrained,) = proof.comments(act_demo, "Retrain diabetes: data drift")
    # GITHUB_TOKEN opened it, so a dispatch checked it, of which only a report may use the records.
    assert any("Merging trains and evaluates it again" in each for each in retrained)
    assert "Trained by the merge at" in retrained[-1]
    console = (act_demo / "console.txt").read_text()
    assert "act push models-promote.yml" in console
    assert "does not count" not in console
