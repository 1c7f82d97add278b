"""Two reports at once: the one that writes last has read what the other one's job recorded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from interlock.commands.report import repeat_on_new_records
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
    repeat_on_new_records.run(
        stage.report,
        pull=stage.pull(),
        ledger=stage.ledger,
        find_pull=lambda _: stage.pull(),
    )


def report_elsewhere(stage: Stage) -> None:
    """Another job evaluates and reports in its own clone."""
    other = Stage(stage.scene, FakeLedger(stage.ledger.origin), stage.hub)
    other.judge(other.pull().head_sha)
    other.report()


def test_report__during_another_evaluation_has_the_new_verdict(opened: Stage) -> None:
    settle(opened, [lambda: report_elsewhere(opened)])
    assert opened.comment().startswith("✅ **digits** passes")


def test_report__without_new_records_is_written_once(opened: Stage) -> None:
    looked: list[int] = []

    def look(number: int) -> Pull:
        looked.append(number)
        return opened.pull()

    repeat_on_new_records.run(
        opened.report, pull=opened.pull(), ledger=opened.ledger, find_pull=look
    )
    assert looked == []


def test_report__ends_although_records_keep_coming(opened: Stage) -> None:
    def move() -> None:
        rival = FakeLedger(opened.ledger.origin)
        rival.append({f"evidence/other/{len(rival.origin.heads)}.json": {}}, message="Evidence")

    settle(opened, [move] * 99)
    assert len(opened.hub.comments[1]) == 1
