"""What every refresh keeps, in memory or by DVC: what changed, and a failure as a value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from interlock.adapters.dvc.refreshing import DvcRefreshing
from interlock.ports.pipeline import RunEnd
from interlock.ports.refreshing import Refreshed, Refreshing, RefreshJob
from tests import tiny
from tests.fakes.refreshing import FakeRefreshing
from tests.tiny import DATA

POINTER = "tiny/data.csv.dvc"
GROWN = DATA + "4,b\n"
PROGRAMS = {
    "grows": f"import pathlib\npathlib.Path('data.csv').write_text({GROWN!r})\n",
    "idles": "print('nothing new')\n",
    "fails": "import sys\nprint('no rows today')\nsys.exit(3)\n",
}


@dataclass
class Place:
    checkout: Path
    made: Callable[[str], Refreshing]
    """A refresh whose program does that."""

    def refresh(self, program: str) -> Refreshed:
        refreshing = self.made(program)
        errand = RefreshJob(self.checkout, (POINTER,), "python refresh.py", "tiny", 60)
        return refreshing.refresh(errand, say=lambda _: None)


def in_memory(folder: Path) -> Place:
    checkout = tiny.make(folder).root

    def made(program: str) -> Refreshing:
        grown = (checkout / POINTER).read_text().replace(tiny.md5(DATA), tiny.md5(GROWN))
        brings = {POINTER: grown.encode()} if program == "grows" else {}
        return FakeRefreshing(brings, fails="no rows today" if program == "fails" else "")

    return Place(checkout, made)


def by_dvc(folder: Path) -> Place:
    world = tiny.make(folder)

    def made(program: str) -> Refreshing:
        world.commit(refresh_py=PROGRAMS[program])
        return DvcRefreshing()

    return Place(world.root, made)


@pytest.fixture(params=[in_memory, by_dvc], ids=["fake", "dvc"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    made: Place = request.param(tmp_path)
    return made


def test_refresh__gives_the_new_text_of_what_changed(place: Place) -> None:
    refreshed = place.refresh("grows")
    assert (refreshed.ended, list(refreshed.changed), refreshed.reason) == (
        RunEnd.DONE,
        [POINTER],
        "",
    )
    assert tiny.md5(GROWN).encode() in refreshed.changed[POINTER].text


def test_refresh__that_brings_nothing_changes_nothing(place: Place) -> None:
    refreshed = place.refresh("idles")
    assert (refreshed.ended, dict(refreshed.changed)) == (RunEnd.DONE, {})


def test_refresh__whose_program_fails_says_its_last_words(place: Place) -> None:
    refreshed = place.refresh("fails")
    assert (refreshed.ended, dict(refreshed.changed)) == (RunEnd.FAILED, {})
    assert "ended with status 3" in refreshed.reason
    assert refreshed.log_tail.strip().endswith("no rows today")
