"""The demo's story with every job run by the true workflow files, under act.

Minutes long, so that it is a step of its own of `.ci/run` and not of the suite.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import kept_demo
from tests.act import end_state


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a story told under act."""
    folder = tmp_path_factory.mktemp("act")
    (folder / "home").mkdir()
    command = [sys.executable, "-m", "interlock", "demo", "--engine", "act", "--json"]
    done = subprocess.run(
        [*command, "--keep", str(folder / "kept")],
        env=os.environ | {"HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    document = json.loads(done.stdout or "{}")
    unseen = [
        fact["sentence"]
        for step in document.get("steps", [])
        for fact in step["facts"]
        if not fact["holds"]
    ]
    assert done.returncode == 0, (unseen, done.stderr[-4000:])
    assert len(document["steps"]) == 12
    return folder / "kept"


@pytest.mark.timeout(1800)
def test_journey__ends_under_act_as_it_ends_here(
    told: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    under_act = end_state.read(told)
    here = end_state.read(kept_demo.folder(tmp_path_factory) / "kept")
    assert under_act.ledger == here.ledger
    assert under_act.registry == here.registry
    assert under_act.checks == here.checks
    assert under_act.comments == here.comments
    print(
        f"\nunder act as here: {len(here.ledger)} ledger records, {len(here.comments)} comments, "
        f"{len(here.checks)} checks"
    )
    assert (len(here.comments), len(here.checks)) == (7, 7)
