"""What people say on a pull request, as its report takes it: reviews, commands, holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock import documents, errors
from interlock.commands.command import hold_verbs
from interlock.domain.access.command_record import CommandOutcome, CommandRecord, CommentKind
from interlock.domain.access.comment_command import CommentCommand, Verb
from interlock.domain.evaluation.verdict import Outcome as Judged
from interlock.domain.reporting.model_status import MergeStatus
from interlock.ledger import lookup
from interlock.ports.github import Review
from interlock.ports.provenance import LedgerProvenance
from tests.fakes.github import FakeGitHub
from tests.fakes.issuer import RULES, FakeIssuer
from tests.report_stage import LockedScene, Stage

AT = "2030-01-01T11:59:00Z"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> LockedScene:
    return LockedScene(LockedScene(tmp_path_factory.mktemp("trained")).create().folder)


@pytest.fixture
def stage(trained: LockedScene, tmp_path: Path) -> Stage:
    stage = Stage(LockedScene(trained.copy(tmp_path).folder))
    stage.serve_first()
    stage.branch()
    stage.hub.permissions.update(mona="write", hubot="read")
    return stage


def review(stage: Stage, sha: str, *, by: str = "mona", state: str = "APPROVED") -> None:
    reviews = stage.hub.reviews.setdefault(1, [])
    reviews.append(Review(len(reviews) + 1, by, state, sha, AT))


def accepted(stage: Stage, head: str) -> list[tuple[str, str, str, str]]:
    fingerprint = stage.scene.fingerprint(head)
    acceptances = lookup.acceptances(stage.ledger, model="digits", fingerprint=fingerprint)
    return [(a.by, a.reason, a.revision, a.at) for a in acceptances]


def test_report__a_review_came_before_the_verdict(stage: Stage) -> None:
    head = stage.pull().head_sha
    review(stage, head)
    stage.judge(head, Judged.INCONCLUSIVE)
    report_result = stage.report()
    assert report_result.report.merge_status is MergeStatus.PASSED
    assert accepted(stage, head) == [("mona", "approving review", head, AT)]
    assert "Accepted by mona: approving review." in stage.comment()
    before = (stage.ledger.appends, stage.hub.writes)
    stage.report()
    assert (stage.ledger.appends, stage.hub.writes) == before


@pytest.mark.parametrize(
    "reviews",
    [
        [("mona", "APPROVED", "older")],
        [("mona", "DISMISSED", "head")],
        [("mona", "COMMENTED", "head")],
        [("mona", "APPROVED", "head"), ("mona", "CHANGES_REQUESTED", "head")],
        [("mona", "APPROVED", "head"), ("mona", "APPROVED", "older")],
        [("hubot", "APPROVED", "head")],
        [("", "APPROVED", "head")],
    ],
)
def test_report__a_review_that_does_not_count(
    stage: Stage, reviews: list[tuple[str, str, str]]
) -> None:
    older = stage.pull().head_sha
    head = stage.push(3.0)
    for by, state, which in reviews:
        review(stage, head if which == "head" else older, by=by, state=state)
    stage.judge(head, Judged.INCONCLUSIVE)
    assert stage.report().report.merge_status is MergeStatus.INCONCLUSIVE
    assert accepted(stage, head) == []
    assert f"`/interlock accept {head} <reason>`" in stage.comment()


@pytest.mark.parametrize(
    "reviews",
    [
        [("mona", "APPROVED"), ("mona", "COMMENTED")],
        [("hubot", "APPROVED"), ("mona", "APPROVED")],
        [("mona", "CHANGES_REQUESTED"), ("mona", "APPROVED")],
    ],
)
def test_report__a_review_that_counts_among_others(
    stage: Stage, reviews: list[tuple[str, str]]
) -> None:
    head = stage.pull().head_sha
    for by, state in reviews:
        review(stage, head, by=by, state=state)
    stage.judge(head, Judged.INCONCLUSIVE)
    assert stage.report().report.merge_status is MergeStatus.PASSED
    assert [by for by, *_ in accepted(stage, head)] == ["mona"]


def test_report__a_review_of_a_maker_does_not_count_and_the_next_one_does(stage: Stage) -> None:
    head = stage.pull().head_sha
    stage.hub.committers[stage.pull().number] = ["mona"]
    review(stage, head, by="mona")
    stage.judge(head, Judged.INCONCLUSIVE)
    assert stage.report().report.merge_status is MergeStatus.INCONCLUSIVE
    stage.hub.permissions["hubber"] = "write"
    review(stage, head, by="hubber")
    assert stage.report().report.merge_status is MergeStatus.PASSED
    assert [by for by, *_ in accepted(stage, head)] == ["hubber"]


class Refusing(FakeGitHub):
    def reviews(self, pull: int) -> tuple[Review, ...]:
        raise errors.CannotReachGitHub("GitHub refused it")


@pytest.mark.parametrize(("outcome", "is_requested"), [(Judged.PASS, False), (Judged.FAIL, False)])
def test_report__asks_for_reviews_only_where_a_verdict_waits(
    stage: Stage, outcome: Judged, is_requested: bool
) -> None:
    stage.github = Refusing(stage.hub)
    stage.judge(stage.pull().head_sha, outcome)
    assert (stage.report().failure is not None) is is_requested


def test_report__reviews_that_cannot_be_read_leave_the_rest_reported(stage: Stage) -> None:
    stage.github = Refusing(stage.hub)
    stage.judge(stage.pull().head_sha, Judged.INCONCLUSIVE)
    report_result = stage.report()
    assert isinstance(report_result.failure, errors.CannotReachGitHub)
    assert report_result.report.merge_status is MergeStatus.INCONCLUSIVE
    assert "digits" in stage.comment()


def test_report__dry_run_accepts_nothing(stage: Stage) -> None:
    head = stage.pull().head_sha
    review(stage, head)
    stage.judge(head, Judged.INCONCLUSIVE)
    assert stage.report(dry_run=True).report.merge_status is MergeStatus.INCONCLUSIVE
    assert accepted(stage, head) == []


def test_report__lists_the_commands_of_this_pull_request_alone(stage: Stage) -> None:
    for pull, text in ((1, "/interlock train 1234567"), (2, "/interlock promote")):
        command_record = CommandRecord(
            pull=pull,
            source=CommentKind.COMMENT,
            id=9,
            by="octocat",
            text=text,
            outcome=CommandOutcome.REFUSED,
            sentence="did nothing: the head is 89abcde now",
            at="2030-01-01T12:00:00+00:00",
        )
        stage.ledger.append(
            {lookup.path_of(command_record): documents.dump(command_record)}, message="Command"
        )
    stage.report()
    assert "`/interlock train 1234567` did nothing" in stage.comment()
    assert "`/interlock promote` did nothing" not in stage.comment()


def test_report__tells_who_holds_what_is_served(stage: Stage) -> None:
    command = CommentCommand(Verb.HOLD, model="digits", reason="broken camera")
    hold_verbs.write(stage.ledger, command, by="octocat", now="2030-01-01T12:00:00+00:00")
    stage.judge(stage.pull().head_sha)
    stage.report()
    assert "On hold by octocat since 2030-01-01 12:00: broken camera." in stage.comment()
    assert "Merging promotes nothing while the hold is active." in stage.comment()


def test_report__writes_no_acceptance_where_records_are_attested(stage: Stage) -> None:
    head = stage.pull().head_sha
    stage.judge(head, Judged.INCONCLUSIVE)
    stage.ledger.provenance = LedgerProvenance(
        rules=RULES, reader=FakeIssuer(), since=str(stage.ledger.head)
    )
    assert stage.report().report.early_approver == ""
    review(stage, head)
    assert stage.report().report.merge_status is MergeStatus.INCONCLUSIVE
    assert accepted(stage, head) == []
    assert (
        "To accept it, `mona` approves again, or writes the comment "
        f"`/interlock accept {head} <reason>`." in stage.comment()
    )
    review(stage, head, state="DISMISSED")
    stage.report()
    assert "approves again" not in stage.comment()
