"""Every verb killed at a random moment, and run again, ends where no kill would have; so it does
after a disk was full. More of both: `python -m tests.kills --kills 300`, or INTERLOCK_KILLS=300."""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Callable, Iterable, Iterator
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


@pytest.fixture(scope="module")
def warm() -> Iterator[killing.Warm]:
    with killing.Warm.started() as started:
        yield started


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("until", [0, 4, 8, 12, 15])
def test_story__ends_as_it_should_without_a_kill(
    story: Path, warm: killing.Warm, until: int
) -> None:
    with killing.prepared(story, warm, until=until) as world:
        if until == len(stage.STORY):
            _require_the_story(world)
        assert len(world.cases) >= until


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(PARTS))
def test_verbs__killed_at_random_moments_and_run_again(
    story: Path, warm: killing.Warm, part: int
) -> None:
    """Each part has the cases of its own, from the end: what came last is the least looked at
    elsewhere."""
    with killing.prepared(story, warm) as world:
        cases = (world.cases[-1 - n % len(world.cases)] for n in range(part, TRIES, PARTS))
        _strike(world.kill, cases, seed=f"{SEED}-{part}", goal=-(-KILLS // PARTS))


@pytest.mark.timeout(1800)
@pytest.mark.skipif(not filling.is_possible(), reason="nothing may be mounted here")
@pytest.mark.parametrize("part", range(2))
def test_verbs__on_a_disk_that_is_full_and_then_is_not(
    story: Path, warm: killing.Warm, part: int
) -> None:
    verbs = {each.name for each in stage.STORY[part * 4 : part * 4 + 4]}
    with killing.prepared(story, warm) as world:
        cases = [case for case in world.cases if case.verb.name in verbs]
        _strike(world.fill, cases * TRIES, seed=f"{SEED}-{part}", goal=3)


def _strike(
    act: Callable[[killing.Case, random.Random], list[str] | None],
    cases: Iterable[killing.Case],
    *,
    seed: str,
    goal: int,
) -> None:
    """Do one thing to the cases in turn until it came in time so often; nothing may differ then."""
    chance, done = random.Random(seed), 0
    for number, case in enumerate(cases):
        lines = act(case, chance)
        assert not lines, f"INTERLOCK_KILLS_SEED={SEED}, try {number}, {case}: {lines}"
        done += lines is not None
        if done == goal:
            return
    pytest.fail(f"only {done} of {goal} came in time")


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
