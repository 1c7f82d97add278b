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

from tests.kills import filling, killing, stage

KILLS = int(os.environ.get("INTERLOCK_KILLS", "20"))
SEED = os.environ.get("INTERLOCK_KILLS_SEED") or secrets.token_hex(4)
# A verb may be done before its time comes.
TRIES = 4 * KILLS


PARTS = 4


@pytest.fixture
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the story, which all workers tell together, one after another."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if base.name.startswith("popen-") else base) / "kills"


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("until", [0, 4, 8, 12, 15])
def test_story__ends_as_it_should_without_a_kill(story: Path, until: int) -> None:
    with killing.prepared(story, until=until) as world:
        if until == len(stage.STORY):
            _require_the_story(world)
        assert len(world.cases) >= until


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(PARTS))
def test_verbs__killed_at_random_moments_and_run_again(story: Path, part: int) -> None:
    """Each part has the cases of its own, from the end: what came last is the least looked at
    elsewhere."""
    with killing.prepared(story) as world:
        chance, kills, goal = random.Random(f"{SEED}-{part}"), 0, -(-KILLS // PARTS)
        for number in range(part, TRIES, PARTS):
            if kills == goal:
                break
            case = world.cases[-1 - number % len(world.cases)]
            lines = world.kill(case, chance)
            assert not lines, f"INTERLOCK_KILLS_SEED={SEED}, try {number}, {case}: {lines}"
            kills += lines is not None
        assert kills == goal


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
@pytest.mark.parametrize("part", range(2))
def test_verbs__on_a_disk_that_is_full_and_then_is_not(story: Path, part: int) -> None:
    verbs = sorted({each.name for each in stage.STORY[part * 4 : part * 4 + 4]})
    words = ["--full", "--kills", "3", "--seed", f"{SEED}-{part}", "--story", str(story), *verbs]
    command = [sys.executable, "-m", "tests.kills", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=killing.ROOT)
    assert done.returncode == 0, f"seed {SEED}: {done.stdout}{done.stderr}"
