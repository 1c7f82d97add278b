"""Every verb killed at a random moment, and run again, ends where no kill would have; so it does
after a disk was full. More of both: `python -m tests.kills --kills 300`, or INTERLOCK_KILLS=300."""

from __future__ import annotations

import os
import random
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kills import filling, killing

KILLS = int(os.environ.get("INTERLOCK_KILLS", "20"))
SEED = os.environ.get("INTERLOCK_KILLS_SEED") or secrets.token_hex(4)
# A verb may be done before its time comes.
TRIES = 4 * KILLS


# One test, for workers that steal from one another would each tell the whole story.
@pytest.mark.timeout(1800)
def test_verbs__killed_at_random_moments_and_run_again(tmp_path: Path) -> None:
    with killing.prepared(tmp_path / "kills") as world:
        _require_the_story(world)
        chance, kills = random.Random(SEED), 0
        for number in range(TRIES):
            if kills == KILLS:
                break
            # From the end: what came last is the least looked at elsewhere.
            case = world.cases[-1 - number % len(world.cases)]
            lines = world.kill(case, chance)
            assert not lines, f"INTERLOCK_KILLS_SEED={SEED}, try {number}, {case}: {lines}"
            kills += lines is not None
        assert kills == KILLS


def _require_the_story(world: killing.Killing) -> None:
    """A verb that did nothing would end the same however often it is killed."""
    assert {case.verb.name for case in world.cases} == {
        "plan", "validate", "train", "evaluate", "report", "command", "accept", "promote",
        "reconcile", "monitor", "retrain", "dashboard", "ledger",
    }  # fmt: skip
    last = world.cases[-1].end
    assert last["mlflow"]["aliases"] == [["tiny", "production", "2"], ["tiny", "staging", "2"]]
    states = {number: issue["state"] for number, issue in last["github"]["issues"].items()}
    assert states == {"1": "closed", "2": "open", "3": "open"}
    assert last["github"]["pulls"]["2"][0] == "interlock/retrain/tiny"


@pytest.mark.timeout(1800)
@pytest.mark.skipif(not filling.is_possible(), reason="nothing may be mounted here")
def test_verbs__on_a_disk_that_is_full_and_then_is_not() -> None:
    command = [sys.executable, "-m", "tests.kills", "--full", "--kills", "6", "--seed", SEED]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=killing.ROOT)
    assert done.returncode == 0, f"seed {SEED}: {done.stdout}{done.stderr}"
