"""Two reports at once: the one that writes last has read what the other one's job recorded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from interlock.commands.report import retry_on_new_head
from interlock.ports.github import Pull
from tests.fakes.github import FakeGitHub, Hub
from tests.fakes.ledger import FakeLedger
from tests.report_stage import LockedScene, Stage


class Interrupted(FakeGitHub):
    """Just before a comment is written, something else happens, once for each of `things`."""

    def __init__(self, hub: Hub, things: list[Callable[[], None]]) -> None:
        super().__init__(hub)
        self._things = things

    def upsert_comment(self, *arguments: Any, **named: Any) -> str:
        if self._things:
            self._things.pop(0)()
        return super().upsert_comment(*arguments, **named)


@pytest.fixture
def opened(tmp_path: Path) -> Stage:
    (tmp_path / "scene").mkdir()
    scene = LockedScene(tmp_path / "scene")
    scene.create()
    stage = Stage(scene)
    stage.serve_first()
    stage.branch()
    return stage


def settle(stage: Stage, things: list[Callable[[], None]]) -> None:
    stage.github = Interrupted(stage.hub, things)
    retry_on_new_head.settle(
        stage.report,
        pull=stage.pull(),
        ledger=stage.ledger,
        look=lambda _: stage.pull(),
    )


def judged_elsewhere(stage: Stage) -> None:
    """Another job, in a clone of its own, judges and reports from beginning to end."""
    other = Stage(stage.scene, FakeLedger(stage.ledger.origin), stage.hub)
    other.judge(other.pull().head_sha)
    other.report()


def test_report__over_which_another_has_judged_tells_the_verdict(opened: Stage) -> None:
    settle(opened, [lambda: judged_elsewhere(opened)])
    assert opened.comment().startswith("✅ **digits** passes")


def test_report__that_nobody_disturbs_is_told_once(opened: Stage) -> None:
    looked: list[int] = []

    def look(number: int) -> Pull:
        looked.append(number)
        return opened.pull()

    retry_on_new_head.settle(opened.report, pull=opened.pull(), ledger=opened.ledger, look=look)
    assert looked == []


def test_report__in_a_crowd_ends(opened: Stage) -> None:
    def move() -> None:
        rival = FakeLedger(opened.ledger.origin)
        rival.append({f"evidence/other/{len(rival.origin.heads)}.json": {}}, message="Evidence")

    settle(opened, [move] * 99)
    assert len(opened.hub.comments[1]) == 1
