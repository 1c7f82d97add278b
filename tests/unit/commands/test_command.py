"""What a comment or a review comes to: who may, for which commit, once, and what follows."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from interlock import cli, documents, errors
from interlock.adapters.ledger import GitLedger
from interlock.commands import command as commanding
from interlock.domain.access import event as events
from interlock.domain.access.command_record import CommandOutcome, CommentKind
from interlock.domain.access.command_reply import CommandReply, NextJobs
from interlock.domain.access.comment_command import Verb
from interlock.domain.access.event import Event, EventKind
from interlock.domain.evaluation.verdict import Outcome as Judged
from interlock.domain.promotion import hold
from interlock.domain.promotion.hold import HoldStep
from interlock.domain.promotion.promotion import Phase
from interlock.ledger import lookup
from interlock.ports.github import Comment, Reaction, Review
from tests.docs import documents as printed
from tests.fakes.ledger import FakeLedger
from tests.report_stage import LockedScene, Stage

NOW = "2030-01-01T12:00:00+00:00"
AT = "2030-01-01T11:59:00Z"
RUN = "https://github.com/acme/models/actions/runs/1"


class Talk:
    """Pull request 1 over a served model, and people who say things there."""

    def __init__(self, scene: LockedScene) -> None:
        self.stage = Stage(scene)
        self.base = self.stage.serve_first()
        self.head = self.stage.branch()
        self.hub = self.stage.hub
        self.hub.permissions.update(octocat="write", mona="admin", hubot="read")
        self.number = 0
        self.branch = "main"

    @property
    def ledger(self) -> FakeLedger:
        return self.stage.ledger

    def say(self, text: str, *, by: str = "octocat", edited: str = "") -> Event:
        """Write a comment; return its event."""
        self.number += 1
        self.hub.posted[self.number] = Comment(self.number, 1, by, edited or text, AT, AT)
        payload = events.CommentEvent(self.number, by, text, AT, AT)
        return Event(EventKind.COMMENT, "created", "acme/models", number=1, comment=payload)

    def review(self, sha: str, *, by: str = "mona", state: str = "APPROVED") -> Event:
        self.number += 1
        self.hub.reviews.setdefault(1, []).append(Review(self.number, by, state, sha, AT))
        payload = events.ReviewEvent(self.number, by, "approved", "", sha)
        return Event(EventKind.REVIEW, "submitted", "acme/models", number=1, review=payload)

    def answer(
        self, event: Event, *, ledger: FakeLedger | None = None, run_url: str = ""
    ) -> CommandReply:
        self.hub.pulls[1] = self.hub.pulls.get(1) or self.stage.pull()
        answer = commanding.run(
            commanding.CommandContext(
                repository=self.stage.scene.repository,
                ledger=ledger or self.ledger,
                github=self.stage.github,
            ),
            commanding.CommandOptions(event=event, now=NOW, run_url=run_url, branch=self.branch),
        )
        printed.check(json.loads(json.dumps(commanding.document(answer))))
        return answer

    def ask(self, text: str, *, by: str = "octocat") -> CommandReply:
        return self.answer(self.say(text, by=by))

    @property
    def reactions(self) -> list[str]:
        """Ours on the last comment."""
        return [reaction.value for _, reaction in self.hub.reactions.get(self.number, [])]

    @property
    def records(self) -> list[tuple[str, str]]:
        return [(a.by, a.outcome.value) for a in lookup.commands(self.ledger, pull=1)]

    def holds(self) -> list[tuple[int, HoldStep, int | None]]:
        holds = lookup.holds(self.ledger, model="digits")
        return [(each.epoch, each.step, each.version) for each in holds]

    def accepted(self) -> list[tuple[str, str, str]]:
        fingerprint = self.stage.scene.fingerprint(self.head)
        acceptances = lookup.acceptances(self.ledger, model="digits", fingerprint=fingerprint)
        return [(a.by, a.reason, a.revision) for a in acceptances]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    return Talk(LockedScene(LockedScene(tmp_path_factory.mktemp("prepared")).create().folder))


@pytest.fixture
def talk(prepared: Talk, tmp_path: Path) -> Talk:
    """The same beginning, in a world of its own."""
    talk = copy.copy(prepared)
    scene = LockedScene(prepared.stage.scene.copy(tmp_path).folder)
    talk.hub = copy.deepcopy(prepared.hub)
    talk.stage = Stage(scene, FakeLedger(copy.deepcopy(prepared.ledger.origin)), talk.hub)
    talk.stage.promotions = prepared.stage.promotions
    return talk


def flags(answer: CommandReply) -> set[str]:
    return {name for name, flag in dataclasses.asdict(answer.next).items() if flag}


# Who may


WRITERS_ONLY = [
    "train {head}",
    "promote",
    "rollback digits",
    "hold digits why",
    "release digits",
    "retrain digits",
    "accept {head} why",
]


@pytest.mark.parametrize("by", ["mallory", "hubot", "dependabot[bot]", ""])
def test_command__needs_write_access(talk: Talk, by: str) -> None:
    """An app as well: GitHub is not called for its permission."""
    talk.hub.permissions["dependabot[bot]"] = "admin"
    before = talk.ledger.appends
    for text in WRITERS_ONLY:
        answer = talk.ask(f"/interlock {text.format(head=talk.head)}", by=by)
        assert (answer.outcome, answer.next) == (CommandOutcome.REFUSED, NextJobs())
        assert "needs write access" in answer.sentence
        assert talk.reactions == ["confused"]
    assert talk.ledger.appends == before


def test_command__a_reader_gets_help_and_plan_without_a_record(talk: Talk) -> None:
    before = talk.ledger.appends
    answer = talk.ask("/interlock help", by="hubot")
    assert (answer.outcome, answer.next, talk.reactions) == (
        CommandOutcome.DONE,
        NextJobs(),
        ["+1"],
    )
    answer = talk.ask("/interlock plan", by="hubot")
    assert (answer.outcome, answer.sha) == (CommandOutcome.STARTED, talk.head)
    assert (flags(answer), talk.reactions) == ({"plan", "report"}, ["eyes"])
    assert talk.ask("/interlock plan", by="mallory").outcome is CommandOutcome.REFUSED
    assert talk.ledger.appends == before


def test_command__ignores_a_forged_author(talk: Talk) -> None:
    """The payload says octocat; the comment is mallory's."""
    event = talk.say("/interlock promote", by="mallory")
    assert event.comment is not None
    forged = dataclasses.replace(event.comment, author="octocat")
    answer = talk.answer(dataclasses.replace(event, comment=forged))
    assert answer.outcome is CommandOutcome.REFUSED
    assert "mallory" in answer.sentence


# Whether it is a command, and still is


@pytest.mark.parametrize(
    "text", ["", "Looks good", "> /interlock promote", "```\n/interlock promote\n```"]
)
def test_command__another_comment_makes_no_request(talk: Talk, text: str) -> None:
    answer = talk.ask(text)
    assert (answer.outcome, answer.pull, answer.next) == (CommandOutcome.IGNORED, None, NextJobs())
    assert (talk.reactions, talk.records) == ([], [])


@pytest.mark.parametrize("action", ["edited", "deleted", ""])
def test_command__another_event_of_a_comment(talk: Talk, action: str) -> None:
    event = dataclasses.replace(talk.say("/interlock promote"), action=action)
    assert talk.answer(event).outcome is CommandOutcome.IGNORED


def test_command__edited_comment(talk: Talk) -> None:
    later = talk.say("/interlock promote")
    talk.hub.posted[1] = dataclasses.replace(talk.hub.posted[1], updated_at=NOW)
    # Within one second GitHub's times are alike, and the texts are not.
    at_once = talk.say("/interlock plan", edited="/interlock promote")
    unsaid = talk.say("/interlock promote", edited="never mind")
    for event in (later, at_once, unsaid):
        answer = talk.answer(event)
        assert (answer.outcome, answer.sentence) == (
            CommandOutcome.IGNORED,
            "the comment was edited; write a new one",
        )
    assert talk.records == []


def test_command__deleted_comment_or_another_pull_request(talk: Talk) -> None:
    gone = talk.say("/interlock promote")
    del talk.hub.posted[1]
    other = talk.say("/interlock promote")
    talk.hub.posted[2] = dataclasses.replace(talk.hub.posted[2], pull=2)
    for event in (gone, other):
        assert talk.answer(event).sentence == "the comment was deleted"


def test_command__unknown_pull_request(talk: Talk) -> None:
    event = talk.say("/interlock promote")
    talk.hub.posted[1] = dataclasses.replace(talk.hub.posted[1], pull=9)
    answer = talk.answer(dataclasses.replace(event, number=9))
    assert (answer.outcome, talk.records) == (CommandOutcome.IGNORED, [])


def test_command__invalid_commands(talk: Talk) -> None:
    answer = talk.ask("/interlock train HEAD")
    assert (answer.outcome, answer.verb) == (CommandOutcome.REFUSED, None)
    assert "HEAD is not valid" in answer.sentence
    assert (flags(answer), talk.reactions) == ({"report"}, ["confused"])
    assert talk.records == [("octocat", "refused")]
    # The command of a stranger has no record, so that it cannot fill the ledger.
    answer = talk.ask("/interlock train HEAD", by="hubot")
    assert (answer.outcome, answer.next) == (CommandOutcome.REFUSED, NextJobs())
    assert talk.reactions == ["confused"]
    assert talk.records == [("octocat", "refused")]


def test_command__windows_line_ends(talk: Talk) -> None:
    event = talk.say("/interlock plan\r\nplease", edited="/interlock plan\nplease")
    assert talk.answer(event).outcome is CommandOutcome.STARTED


# What each comes to


def test_help__lists_the_commands(talk: Talk) -> None:
    answer = talk.ask("/interlock help")
    assert (answer.outcome, flags(answer), talk.reactions) == (
        CommandOutcome.DONE,
        {"report"},
        ["+1"],
    )


def test_train__is_for_the_full_commit(talk: Talk) -> None:
    answer = talk.ask(f"/interlock train {talk.head}")
    assert (answer.outcome, answer.sha, answer.base) == (
        CommandOutcome.STARTED,
        talk.head,
        talk.base,
    )
    assert (answer.pull, answer.verb) == (1, Verb.TRAIN)
    assert flags(answer) == {"plan", "train", "evaluate", "report"}
    assert talk.reactions == ["rocket"]
    (record,) = lookup.commands(talk.ledger, pull=1)
    assert (record.by, record.sha, record.at) == ("octocat", talk.head, NOW)
    assert record.text == f"/interlock train {talk.head}"


@pytest.mark.parametrize("text", ["train {sha}", "accept {sha} it is fine"])
@pytest.mark.parametrize("digits", [4, 7, 12, 39])
def test_command__refuses_an_abbreviation_without_completing_it(
    talk: Talk, text: str, digits: int
) -> None:
    talk.stage.judge(talk.head, Judged.INCONCLUSIVE)
    answer = talk.ask(f"/interlock {text.format(sha=talk.head[:digits])}")
    assert (answer.outcome, answer.sha) == (CommandOutcome.REFUSED, None)
    assert f"has {digits}" in answer.sentence
    assert talk.head[: digits + 1] not in answer.sentence
    assert (flags(answer), talk.accepted()) == ({"report"}, [])


@pytest.mark.parametrize("text", ["train {sha}", "accept {sha} it is fine"])
@pytest.mark.parametrize("digits", [7, 12, 39])
def test_command__a_commit_with_the_same_first_digits_is_another_one(
    talk: Talk, text: str, digits: int
) -> None:
    """The head that was read, and another of as many equal digits that came in its place."""
    other = "0" if talk.head[digits] != "0" else "1"
    read = talk.head[:digits] + other * (40 - digits)
    answer = talk.ask(f"/interlock {text.format(sha=read)}")
    assert (answer.outcome, answer.sha, talk.accepted()) == (CommandOutcome.REFUSED, None, [])
    assert "the head is" in answer.sentence


def test_train__another_commit_than_the_head(talk: Talk) -> None:
    old = talk.head
    event = talk.say(f"/interlock train {old}")
    new = talk.stage.push(3.0)
    answer = talk.answer(event)
    assert (answer.outcome, answer.sha) == (CommandOutcome.REFUSED, None)
    why = f"the head is {new[:12]} now; review it and write a new comment"
    assert answer.sentence == f"/interlock train {old} did nothing: {why}"
    assert (flags(answer), talk.reactions) == ({"report"}, ["confused"])


@pytest.mark.parametrize("text", ["plan", "train {head}", "accept {head} why"])
def test_command__closed_pull_request(talk: Talk, text: str) -> None:
    talk.hub.pulls[1] = talk.stage.pull(state="closed")
    answer = talk.ask(f"/interlock {text.format(head=talk.head)}")
    assert answer.outcome is CommandOutcome.REFUSED
    assert "the pull request is closed" in answer.sentence


def test_promote__is_for_the_present_tip_of_main(talk: Talk) -> None:
    talk.stage.git("switch", "--quiet", "main")
    tip = talk.stage.scene.commit(4.0)
    talk.hub.pulls[1] = talk.stage.pull(state="closed", base_sha=talk.base)
    answer = talk.ask("/interlock promote")
    assert (answer.outcome, answer.sha) == (CommandOutcome.STARTED, tip)
    assert (flags(answer), talk.reactions) == ({"evaluate", "promote", "report"}, ["rocket"])


def test_promote__unknown_branch(talk: Talk) -> None:
    talk.branch = "gone"
    answer = talk.ask("/interlock promote")
    assert (answer.outcome, flags(answer)) == (CommandOutcome.REFUSED, {"report"})


def test_promote__from_a_pull_request_into_another_branch(talk: Talk) -> None:
    talk.hub.pulls[1] = talk.stage.pull(base_ref="develop")
    answer = talk.ask("/interlock promote")
    assert (answer.outcome, answer.sha) == (
        CommandOutcome.STARTED,
        talk.stage.origin("refs/heads/main"),
    )


def test_accept__refused_for_a_pull_request_into_another_branch(talk: Talk) -> None:
    talk.stage.judge(talk.head, Judged.INCONCLUSIVE)
    talk.hub.pulls[1] = talk.stage.pull(base_ref="develop")
    answer = talk.ask(f"/interlock accept {talk.head} it is fine", by="mona")
    assert answer.outcome is CommandOutcome.REFUSED
    assert "the base must be main" in answer.sentence
    assert talk.answer(talk.review(talk.head)).outcome is CommandOutcome.IGNORED
    assert talk.accepted() == []


def test_hold_and_release__are_done_at_once(talk: Talk) -> None:
    answer = talk.ask("/interlock hold digits broken camera")
    assert (answer.outcome, answer.models) == (CommandOutcome.DONE, ("digits",))
    assert (flags(answer), talk.reactions) == ({"report"}, ["+1"])
    assert talk.holds() == [(1, HoldStep.HOLD, 1)]
    held = hold.active(lookup.holds(talk.ledger, model="digits"))
    assert held is not None
    assert hold.sentence(held) == (
        "held by octocat since 2030-01-01 12:00: broken camera; `/interlock release digits`"
    )
    answer = talk.ask("/interlock hold digits again")
    assert answer.outcome is CommandOutcome.REFUSED
    assert "held by octocat" in answer.sentence
    answer = talk.ask("/interlock release digits", by="mona")
    assert (answer.outcome, talk.reactions) == (CommandOutcome.DONE, ["+1"])
    assert flags(answer) == {"evaluate", "promote", "report"}
    assert talk.holds() == [(1, HoldStep.HOLD, 1), (2, HoldStep.RELEASE, None)]
    assert talk.ask("/interlock release digits").outcome is CommandOutcome.REFUSED


def test_rollback__pins_the_earlier_version(talk: Talk) -> None:
    talk.stage.git("switch", "--quiet", "main")
    second = talk.stage.scene.commit(4.0)
    talk.stage.judge(second)
    talk.stage.promote(second)
    answer = talk.ask("/interlock rollback digits")
    assert (answer.outcome, answer.sha) == (CommandOutcome.STARTED, second)
    assert (flags(answer), talk.reactions) == ({"promote", "report"}, ["rocket"])
    assert "version 1" in answer.sentence
    assert talk.holds() == [(1, HoldStep.HOLD, 1)]


def test_hold__during_a_promotion_starts_one(talk: Talk) -> None:
    candidate = talk.stage.scene.train(talk.head)
    champion = lookup.champion(talk.ledger, model="digits")
    assert champion is not None
    begun = dataclasses.replace(
        champion,
        phase=Phase.INTENT,
        position=2,
        fingerprint=candidate.fingerprint,
        sha256=candidate.model.sha256,
        version=None,
    )
    talk.ledger.append({lookup.path_of(begun): documents.dump(begun)}, message="Intent")
    answer = talk.ask("/interlock hold digits why")
    assert (answer.outcome, talk.reactions) == (CommandOutcome.STARTED, ["rocket"])
    assert flags(answer) == {"promote", "report"}
    assert talk.holds() == [(1, HoldStep.HOLD, 1)]


@pytest.mark.parametrize("text", ["rollback digits", "hold wine why", "release digits"])
def test_hold__refusals(talk: Talk, text: str) -> None:
    answer = talk.ask(f"/interlock {text}")
    assert (answer.outcome, talk.holds()) == (CommandOutcome.REFUSED, [])
    assert talk.records == [("octocat", "refused")]


# Retraining

WATCH = """\
monitor:
  live: live/*.parquet
  time: served_at
  retrain: {refresh: {command: python refresh.py, pointers: [data.csv.dvc]}}
"""


@pytest.mark.parametrize(
    ("model", "why"),
    [("wine", "main has no model wine"), ("digits", "has no `monitor.retrain`")],
)
def test_retrain__refusals(talk: Talk, model: str, why: str) -> None:
    answer = talk.ask(f"/interlock retrain {model}")
    assert (answer.outcome, talk.reactions) == (CommandOutcome.REFUSED, ["confused"])
    assert why in answer.sentence


def test_retrain__is_started_for_the_tip_of_main(talk: Talk) -> None:
    checkout = talk.stage.scene.checkout
    talk.stage.git("switch", "--quiet", "main")
    (manifest,) = checkout.rglob("model.yaml")
    manifest.write_text(manifest.read_text() + WATCH)
    (manifest.parent / "data.csv.dvc").write_text("outs:\n- path: data.csv\n")
    talk.stage.git("add", "--all")
    talk.stage.git("commit", "--quiet", "--message", "Watch it")
    talk.stage.git("push", "--quiet", "origin", "main")
    answer = talk.ask("/interlock retrain digits")
    assert (answer.outcome, talk.reactions) == (CommandOutcome.STARTED, ["rocket"])
    assert (flags(answer), answer.models) == ({"retrain", "report"}, ("digits",))
    assert answer.sha == talk.stage.git("rev-parse", "main")


# Acceptance


def test_accept__every_inconclusive_verdict_at_the_head(talk: Talk) -> None:
    talk.stage.judge(talk.head, Judged.INCONCLUSIVE)
    answer = talk.ask(f"/interlock accept {talk.head} forty rows", by="mona")
    assert (answer.outcome, answer.models, answer.sha) == (
        CommandOutcome.DONE,
        ("digits",),
        talk.head,
    )
    assert (flags(answer), talk.reactions) == ({"report"}, ["+1"])
    assert talk.accepted() == [("mona", "forty rows", talk.head)]


@pytest.mark.parametrize("outcome", [Judged.PASS, Judged.FAIL, None])
def test_accept__no_inconclusive_verdict(talk: Talk, outcome: Judged | None) -> None:
    if outcome is not None:
        talk.stage.judge(talk.head, outcome)
    answer = talk.ask(f"/interlock accept {talk.head} why", by="mona")
    assert answer.outcome is CommandOutcome.REFUSED
    assert "is inconclusive" in answer.sentence
    assert talk.accepted() == []


def test_accept__older_commit(talk: Talk) -> None:
    talk.stage.judge(talk.head, Judged.INCONCLUSIVE)
    new = talk.stage.push(3.0)
    answer = talk.ask(f"/interlock accept {talk.head} why", by="mona")
    assert answer.outcome is CommandOutcome.REFUSED
    assert f"the head is {new[:12]} now" in answer.sentence
    assert talk.accepted() == []


def test_accept__uses_the_policy_of_the_default_branch(talk: Talk) -> None:
    """The pull request would forbid it by a policy of its own, and does not."""
    talk.stage.scene.write(".github/interlock.yml", "version: 1\ninconclusive: fail\n")
    talk.head = talk.stage.push(2.0)
    talk.stage.judge(talk.head, Judged.INCONCLUSIVE)
    assert talk.ask(f"/interlock accept {talk.head} why", by="mona").outcome is CommandOutcome.DONE


def test_accept__an_unreadable_record_stops_only_its_model(talk: Talk) -> None:
    verdict = talk.stage.judge(talk.head, Judged.INCONCLUSIVE)
    path = f"acceptances/digits/{verdict.fingerprint}/{'0' * 64}-{talk.head}.json"
    talk.ledger.append({path: {"schema": "interlock/acceptance/v1"}}, message="Damage")
    answer = talk.ask(f"/interlock accept {talk.head} it is fine", by="mona")
    assert answer.outcome is CommandOutcome.REFUSED
    assert "is inconclusive; digits is not accepted: " in answer.sentence
    assert talk.answer(talk.review(talk.head)).outcome is CommandOutcome.IGNORED
    assert talk.ledger.list(f"acceptances/digits/{verdict.fingerprint}") == (path,)


def allow(talk: Talk, rule: str) -> None:
    """Have main say who may accept."""
    talk.stage.git("switch", "--quiet", "main")
    talk.stage.scene.write(".github/interlock.yml", f"version: 1\naccept: {rule}\n")
    talk.stage.scene.commit(1.0)


@pytest.mark.parametrize(
    ("rule", "by", "why"),
    [
        ("{}", "octocat", "another user with write access can"),
        ("{}", "Octocat", "another user with write access can"),
        ("{}", "hubber", "an author of the change cannot accept it"),
        ("{self: true}", "octocat", ""),
        ("{}", "mona", ""),
        ("{users: [mona]}", "octocat", "the policy allows mona to accept, not octocat"),
        ("{users: [Mona]}", "mona", ""),
        ("{users: [octocat, mona]}", "octocat", "octocat or mona can"),
        ("{self: true, users: [octocat]}", "octocat", ""),
        ("{self: true, users: [octocat]}", "mona", "the policy allows octocat to accept"),
    ],
)
def test_accept__users_whom_the_policy_refuses(talk: Talk, rule: str, by: str, why: str) -> None:
    """octocat opened the pull request, and hubber pushed a commit to it."""
    talk.hub.permissions.update(Octocat="write", hubber="write")
    talk.hub.committers[1] = ["hubber", "web-flow"]
    allow(talk, rule)
    talk.stage.judge(talk.head, Judged.INCONCLUSIVE)
    answer = talk.ask(f"/interlock accept {talk.head} it is fine", by=by)
    assert (answer.outcome is CommandOutcome.DONE) == (not why)
    assert why in answer.sentence
    assert [who for who, *_ in talk.accepted()] == ([] if why else [by])


@pytest.mark.parametrize(("rule", "counts"), [("{}", True), ("{users: [octocat]}", False)])
def test_review__users_by_the_policy(talk: Talk, rule: str, counts: bool) -> None:
    allow(talk, rule)
    talk.stage.judge(talk.head, Judged.INCONCLUSIVE)
    talk.hub.committers[1] = ["hubber"]
    talk.hub.permissions["hubber"] = "write"
    assert talk.answer(talk.review(talk.head, by="hubber")).outcome is CommandOutcome.IGNORED
    talk.answer(talk.review(talk.head))
    assert [who for who, *_ in talk.accepted()] == (["mona"] if counts else [])


def test_accept__a_retraining_by_any_user_with_write_access(talk: Talk) -> None:
    """An App opened it; no person made it."""
    talk.hub.pulls[1] = dataclasses.replace(talk.stage.pull(), author="interlock[bot]")
    talk.stage.judge(talk.head, Judged.INCONCLUSIVE)
    assert talk.ask(f"/interlock accept {talk.head} it is fine").outcome is CommandOutcome.DONE


def test_review__approves_the_head(talk: Talk) -> None:
    talk.stage.judge(talk.head, Judged.INCONCLUSIVE)
    answer = talk.answer(talk.review(talk.head))
    assert (answer.outcome, answer.verb, flags(answer)) == (
        CommandOutcome.DONE,
        Verb.ACCEPT,
        {"report"},
    )
    assert talk.accepted() == [("mona", "approving review", talk.head)]
    (record,) = lookup.commands(talk.ledger, pull=1)
    assert (record.source, record.text) == (CommentKind.REVIEW, "An approving review")


def test_review__without_a_verdict_leaves_no_record(talk: Talk) -> None:
    answer = talk.answer(talk.review(talk.head))
    assert (answer.outcome, answer.next) == (CommandOutcome.IGNORED, NextJobs())
    assert talk.records == []


def test_review__ignored_reviews(talk: Talk) -> None:
    talk.stage.judge(talk.head, Judged.INCONCLUSIVE)
    assert talk.answer(talk.review(talk.base)).outcome is CommandOutcome.IGNORED
    assert talk.answer(talk.review(talk.head, by="hubot")).outcome is CommandOutcome.REFUSED
    assert talk.answer(talk.review(talk.head, state="DISMISSED")).outcome is CommandOutcome.IGNORED
    event = talk.review(talk.head)
    assert event.review is not None
    moved = dataclasses.replace(event.review, sha=talk.base)
    assert talk.answer(dataclasses.replace(event, review=moved)).outcome is CommandOutcome.IGNORED
    wanting = dataclasses.replace(event.review, state="changes_requested")
    assert talk.answer(dataclasses.replace(event, review=wanting)).outcome is CommandOutcome.IGNORED
    dismissed = dataclasses.replace(event, action="dismissed")
    assert talk.answer(dismissed).outcome is CommandOutcome.IGNORED
    assert (talk.accepted(), talk.records) == ([], [])


# Once


TWICE = ["train {head}", "promote", "hold digits why", "accept {head} why"]


@pytest.mark.parametrize("text", TWICE)
def test_command__a_second_delivery_does_nothing(talk: Talk, text: str) -> None:
    talk.stage.judge(talk.head, Judged.INCONCLUSIVE)
    event = talk.say(f"/interlock {text.format(head=talk.head)}", by="mona")
    first = talk.answer(event)
    before = talk.ledger.appends
    again = talk.answer(event)
    assert first.outcome in {CommandOutcome.DONE, CommandOutcome.STARTED}
    assert (again.outcome, again.next) == (CommandOutcome.IGNORED, NextJobs())
    assert "was executed before" in again.sentence
    assert talk.ledger.appends == before


def test_command__a_late_delivery_reverts_nothing(talk: Talk) -> None:
    """Hold, release, and the event of the hold once more."""
    event = talk.say("/interlock hold digits why")
    talk.answer(event)
    talk.ask("/interlock release digits")
    assert talk.answer(event).outcome is CommandOutcome.IGNORED
    assert [step for _, step, _ in talk.holds()] == [HoldStep.HOLD, HoldStep.RELEASE]


def test_command__a_rerun_continues(talk: Talk) -> None:
    """GitHub's button: the jobs that failed or were never started."""
    event = talk.say(f"/interlock train {talk.head}")
    first = talk.answer(event, run_url=RUN)
    before = talk.ledger.appends
    assert talk.answer(event, run_url=RUN) == first
    assert talk.answer(event, run_url=f"{RUN}2").outcome is CommandOutcome.IGNORED
    assert talk.ledger.appends == before
    talk.stage.push(3.0)
    talk.hub.pulls[1] = talk.stage.pull()
    assert talk.answer(event, run_url=RUN).outcome is CommandOutcome.IGNORED


class Slow(FakeLedger):
    """A clone that somebody else is always a step ahead of, so many times."""

    rivals: list[Event]
    talk: Talk

    def extend(self, records: Mapping[str, Mapping[str, Any]], *, message: str) -> bool:
        if self.rivals:
            rival = FakeLedger(self.origin)
            self.talk.answer(self.rivals.pop(), ledger=rival)
        return super().extend(records, message=message)


def slow(talk: Talk, rivals: Sequence[Event]) -> Slow:
    ledger = Slow(talk.ledger.origin)
    ledger.rivals, ledger.talk = list(rivals), talk
    return ledger


def test_command__two_at_once_are_executed_in_order(talk: Talk) -> None:
    mine, other = talk.say("/interlock hold digits mine"), talk.say("/interlock hold digits theirs")
    answer = talk.answer(mine, ledger=slow(talk, [other]))
    talk.ledger.refresh()
    assert answer.outcome is CommandOutcome.REFUSED
    assert "theirs" in answer.sentence
    assert talk.holds() == [(1, HoldStep.HOLD, 1)]
    assert sorted(outcome for _, outcome in talk.records) == ["done", "refused"]


def test_command__the_same_command_twice_at_once(talk: Talk) -> None:
    event = talk.say("/interlock hold digits why")
    answer = talk.answer(event, ledger=slow(talk, [event]))
    talk.ledger.refresh()
    assert answer.outcome is CommandOutcome.IGNORED
    assert talk.records == [("octocat", "done")]


# By hand


def by_hand(talk: Talk, text: str) -> CommandReply:
    return commanding.run_text(talk.ledger, text, by="octocat", now=NOW)


def test_text__holds_and_releases(talk: Talk) -> None:
    answer = by_hand(talk, "/interlock hold digits why")
    assert (answer.outcome, answer.pull, flags(answer)) == (CommandOutcome.DONE, None, set())
    answer = by_hand(talk, "/interlock release digits")
    assert flags(answer) == {"evaluate", "promote"}
    assert talk.records == []
    with pytest.raises(errors.Refused, match="not held"):
        by_hand(talk, "/interlock release digits")


@pytest.mark.parametrize("text", ["hold digits", "/interlock promote", "/interlock hold"])
def test_text__invalid_commands(talk: Talk, text: str) -> None:
    with pytest.raises(errors.BadInput):
        by_hand(talk, text)


def test_cli__text_and_no_event(
    talk: Talk,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for name in ("GITHUB_EVENT_PATH", "GITHUB_EVENT_NAME", "GITHUB_ACTOR", "INTERLOCK_ACTOR"):
        monkeypatch.delenv(name, raising=False)
    output = tmp_path / "output"
    monkeypatch.setenv("GITHUB_OUTPUT", str(output))
    ledger = GitLedger(talk.stage.scene.repository, pause=lambda _: None)
    talk.stage.ledger = ledger  # type: ignore[assignment]
    talk.stage.judge(talk.base)
    talk.stage.promote(talk.base)
    repo = ["--repo", str(talk.stage.scene.checkout)]
    text = ["--text", "/interlock hold digits why", "--by", "octocat"]
    assert run(["command", *repo]) == errors.EXIT_SETTINGS
    assert run(["command", *repo, *text, "--json"]) == errors.EXIT_DONE
    document = json.loads(capsys.readouterr().out)
    printed.check(document)
    assert (document["outcome"], document["verb"]) == ("done", "hold")
    assert "outcome<<" in output.read_text()
    assert run(["command", *repo, *text]) == errors.EXIT_NO
    assert "held by octocat" in capsys.readouterr().err


def run(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_reactions__have_githubs_names() -> None:
    assert {reaction.value for reaction in Reaction} == {"+1", "eyes", "rocket", "confused"}
