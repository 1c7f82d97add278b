"""What a pull request's whole life costs of GitHub's limits, counted by the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from github_sandbox.rate_limits import Usage
from interlock.domain.training.dvc_lock import LockFate
from tests.journey import Clock, Journey, prepare, resume

# What DESIGN allows after the first comment: calls that the hourly limit counts, and content.
CALLS, CONTENT = 15, 3


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    with prepare(tmp_path_factory.mktemp("begun")) as made:
        return made


@pytest.fixture
def journey(begun: Journey, tmp_path: Path) -> Iterator[Journey]:
    with resume(begun, tmp_path / "journey") as opened:
        yield opened


def test_life_of_a_pull_request__stays_within_its_budget(journey: Journey) -> None:
    report_result = journey.report()
    first = journey.hub.usage
    journey.judge(report_result.report.request.head)
    report_result = journey.report()
    assert report_result.lock is not None
    assert report_result.lock.fate is LockFate.RECORDED
    judged = journey.hub.usage
    journey.hub.reset_counts()
    journey.merge()
    journey.hub.reset_counts()
    assert journey.promote() == ("promoted",)
    journey.report()
    shipped = journey.hub.usage
    assert journey.comment().startswith("🚀 **digits** was promoted as version 2")
    print(f"first comment {first}, judged {judged}, shipped {shipped}")
    assert first == Usage(calls=6, writes=2, content=1)
    after = Usage(
        judged.calls - first.calls + shipped.calls,
        judged.writes - first.writes + shipped.writes,
        judged.content - first.content + shipped.content,
    )
    assert after == Usage(calls=15, writes=8, content=2)
    assert after.calls <= CALLS
    assert after.content <= CONTENT


@pytest.mark.parametrize("job", ["report", "promote"])
def test_job__run_again_writes_nothing(journey: Journey, job: str) -> None:
    journey.judge(journey.head())
    journey.report()
    journey.merge()
    journey.promote()
    journey.report()
    journey.hub.reset_counts()
    getattr(journey, job)()
    assert journey.hub.usage.writes == 0


def test_list__that_is_as_it_was_is_not_paid_for_again(journey: Journey) -> None:
    github = journey.github()
    journey.report()
    journey.hub.reset_counts()
    pulls = [github.find_pull(1) for _ in range(5)]
    assert len({pull.head_sha for pull in pulls if pull}) == 1
    assert journey.hub.usage.calls == 1
    assert journey.hub.count("GET", r"/pulls/1$") == 5


def test_writes__stand_a_second_apart(journey: Journey) -> None:
    github = journey.github(pause_seconds=1.0)
    for number in range(3):
        github.upsert_comment(1, marker="<!-- m -->", body=f"{number} <!-- m -->")
    assert journey.clock.slept == [1.0, 1.0]


def test_writes__apart_by_themselves_wait_for_nothing(journey: Journey) -> None:
    github = journey.github(pause_seconds=1.0)
    for number in range(3):
        github.upsert_comment(1, marker="<!-- m -->", body=f"{number} <!-- m -->")
        journey.clock.seconds += 0.75
    assert journey.clock.slept == [0.25, 0.25]


def test_writes__after_a_clock_was_set_back_wait_for_a_second_at_most(journey: Journey) -> None:
    github = journey.github(pause_seconds=1.0)
    github.upsert_comment(1, marker="<!-- m -->", body="one <!-- m -->")
    journey.clock.seconds -= Clock.seconds
    github.upsert_comment(1, marker="<!-- m -->", body="two <!-- m -->")
    assert journey.clock.slept == [1.0]
