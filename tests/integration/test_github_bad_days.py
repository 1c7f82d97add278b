"""GitHub's bad days as the jobs of a pull request meet them: storms, lag, tokens that end, and what
people do to our comment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from github_sandbox import Fault, RandomFaults
from github_sandbox.faults import Kind
from interlock import errors, rendering
from interlock.domain.promotion.promotion import PromotionOutcome
from interlock.domain.training.dvc_lock import LockFate
from tests.journey import NUMBER, WORKFLOW, Journey, prepare, resume
from tests.report_stage import REPOSITORY

KINDS: tuple[Kind, ...] = (
    "error_before",
    "error_after",
    "reset_before",
    "reset_after",
    "rate_limit",
)
COMMENTS = rf"/issues/{NUMBER}/comments"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    with prepare(tmp_path_factory.mktemp("begun")) as made:
        return made


@pytest.fixture
def journey(begun: Journey, tmp_path: Path) -> Iterator[Journey]:
    with resume(begun, tmp_path / "journey") as opened:
        yield opened


def ours(journey: Journey) -> list[str]:
    return [body for author, body in journey.comments() if author == WORKFLOW]


def test_life__in_a_storm_ends_as_without(begun: Journey, tmp_path: Path) -> None:
    with resume(begun, tmp_path / "calm") as calm:
        wanted = calm.live().state()
    assert [author for author, _ in wanted["comments"]] == [WORKFLOW]
    struck = 0
    for seed in range(3):
        storm = RandomFaults(seed, 0.42, kinds=KINDS)
        with resume(begun, tmp_path / str(seed)) as journey:
            assert journey.live(storm).state() == wanted
            text = f"seed {seed}: {storm.injected} of {storm.requests} requests failed"
            print(f"{text}, {journey.reruns} jobs run again")
        struck += storm.injected
    assert struck > 20


LOST: tuple[Kind, ...] = ("error_after", "reset_after")


@pytest.mark.parametrize("kind", LOST)
def test_lock__whose_push_was_lost_after_its_effect_is_recorded_once(
    journey: Journey, kind: Kind
) -> None:
    journey.judge(journey.head())
    journey.hub.faults.add(Fault("POST", r"/git-receive-pack$", kind))
    report_result = journey.report()
    assert report_result.lock is not None
    assert report_result.lock.fate is LockFate.RECORDED
    assert not journey.hub.faults.pending
    assert journey.state()["commits"] == 2


def test_comment__that_lists_do_not_show_yet_is_one_in_the_end(journey: Journey) -> None:
    journey.hub.faults.add(Fault("POST", rf"{COMMENTS}$", "lag", requests=2))
    journey.report()
    journey.judge(journey.head())
    for _ in range(2):
        journey.report()
    (body,) = ours(journey)
    assert body.startswith("✅ **digits** passes")


def test_comments__of_which_a_page_fails_midway_are_read_on(journey: Journey) -> None:
    journey.report()
    journey.chat(250)
    journey.judge(journey.head())
    journey.hub.faults.add(Fault("GET", r"comments\?.*page=2", "error_before", times=2))
    journey.hub.faults.add(Fault("GET", r"comments\?.*page=3", "reset_before", times=2))
    journey.report()
    assert not journey.hub.faults.pending
    (body,) = ours(journey)
    assert body.startswith("✅ **digits** passes")


def test_comment__among_a_thousand_is_found(journey: Journey) -> None:
    journey.chat(999)
    journey.report()
    journey.judge(journey.head())
    journey.hub.reset_counts()
    journey.report()
    assert journey.hub.count("GET", COMMENTS) == 10
    (body,) = ours(journey)
    assert body.startswith("✅ **digits** passes")


def test_comment__of_a_stranger_who_copies_ours_is_left_alone(journey: Journey) -> None:
    journey.report()
    (copied,) = ours(journey)
    forged = copied.replace("⏳", "✅")
    journey.say(forged)
    journey.judge(journey.head())
    journey.report()
    (body,) = ours(journey)
    assert body.startswith("✅ **digits** passes")
    assert ("octocat", forged) in journey.comments()


def test_comment__that_somebody_deleted_is_made_again(journey: Journey) -> None:
    journey.report()
    before = ours(journey)
    journey.ask("DELETE", f"/issues/comments/{journey.our_id()}")
    journey.report()
    assert ours(journey) == before


@pytest.mark.parametrize("text", ["nothing to see", f"✅ all is well\n\n{rendering.MARKER}"])
def test_comment__that_somebody_edited_is_put_right(journey: Journey, text: str) -> None:
    journey.report()
    before = ours(journey)
    journey.ask("PATCH", f"/issues/comments/{journey.our_id()}", {"body": text})
    journey.report()
    assert [body for body in ours(journey) if rendering.MARKER in body] == before


def test_token__that_ends_on_the_way_leaves_the_rest_reported_and_the_check_red(
    journey: Journey,
) -> None:
    journey.judge(journey.head())
    journey.hub.faults.add(Fault("", r"/(check-runs|issues)", "unauthorized", times=99))
    report_result = journey.report()
    assert report_result.failure is not None
    assert report_result.failure.exit_code == errors.EXIT_OUTSIDE
    assert "run the job again" in report_result.failure.hint
    assert report_result.comment.startswith("✅ **digits** passes")
    journey.hub.faults.clear()
    assert journey.state()["checks"] == []
    journey.insist("report")
    assert {check[2] for check in journey.state()["checks"]} == {"success"}


def test_token__that_never_was_one_is_a_setting(journey: Journey) -> None:
    with pytest.raises(errors.MissingSetting, match="401") as caught:
        journey.report(token="expired")
    assert "GITHUB_TOKEN" in caught.value.hint


def test_token__that_may_only_read_is_refused_once_and_says_what_it_lacks(
    journey: Journey,
) -> None:
    token = journey.hub.create_token(WORKFLOW, scopes={"issues": "read"}, bot=True)
    journey.hub.reset_counts()
    report_result = journey.report(token=token)
    assert report_result.failure is not None
    assert report_result.failure.exit_code == errors.EXIT_OUTSIDE
    assert "permissions" in report_result.failure.hint
    assert journey.hub.usage.writes == 2  # the check and the comment, once each
    assert journey.clock.slept == []
    assert journey.state()["comments"] == []


def test_token__that_may_not_check_comments_all_the_same(journey: Journey) -> None:
    scopes = {"issues": "write", "pull_requests": "write"}
    token = journey.hub.create_token(WORKFLOW, scopes=scopes, bot=True)
    report_result = journey.report(token=token)
    assert report_result.failure is not None
    assert f"POST /repos/{REPOSITORY}/check-runs" in report_result.failure.message
    assert len(ours(journey)) == 1


def test_promote__with_a_token_that_ends_promotes_all_the_same(journey: Journey) -> None:
    """The deployment that GitHub refused is for people; reconcile makes it."""
    journey.judge(journey.head())
    journey.report()
    journey.merge()
    journey.hub.faults.add(Fault("POST", r"/deployments", "unauthorized", times=1))
    assert journey.promote() == (PromotionOutcome.PROMOTED,)
    assert len(journey.state()["aliases"]) == 2
    places = journey.state()["deployments"]
    assert [(place, states) for place, _, states in places] == [("production", ["success"])]
