"""Commands in comments, and a fork's pull request: the workflow files under act."""

from __future__ import annotations

import pytest

from interlock.demo.pull_request_steps import PARAMS
from interlock.demo.user import User
from interlock.ledger import lookup
from tests.act import by_hand
from tests.act.conftest import ActSession, failed, jobs

pytestmark = pytest.mark.timeout(2400)


def open_fork_pull(session: ActSession, user: User, *, login: str) -> tuple[int, str]:
    """Open a fork's pull request with a better parameter; its number and its head."""
    user.git("switch", "--quiet", "--create", "stronger", "origin/main")
    user.replace(PARAMS, "c: 50.0 ", "c: 100.0 ")
    user.commit_and_push("stronger", "Let digits fit harder")
    head = user.git("rev-parse", "HEAD")
    request = {"title": "Let digits fit harder", "head": f"{login}:stronger", "base": "main"}
    answer = user.request("POST", "pulls", request)
    assert answer.status == 201, answer.body
    return int(answer.body["number"]), head


def comment_on(user: User, pull: int, text: str) -> int:
    answer = user.request("POST", f"issues/{pull}/comments", {"body": text})
    assert answer.status == 201, answer.body
    return int(answer.body["id"])


def reactions(user: User, comment: int) -> list[str]:
    answer = user.request("GET", f"issues/comments/{comment}/reactions").body["items"]
    return [reaction["content"] for reaction in answer]


def our_comments(user: User, pull: int) -> list[str]:
    items = user.request("GET", f"issues/{pull}/comments").body["items"]
    return [item["body"] for item in items if item["user"]["login"] == "github-actions[bot]"]


def test_hold__keeps_the_production_model_until_its_release(session: ActSession) -> None:
    octocat = session.project.user
    octocat.start_branch("harder")
    octocat.replace(PARAMS, "c: 1.0 ", "c: 50.0 ")
    octocat.commit_and_push("harder", "Let digits fit a little harder")
    pull = octocat.open_pull("harder", title="Fit harder", body="")
    session.run_pending()
    comment_on(octocat, pull, "/interlock hold digits the camera is broken")
    session.run_pending()
    assert octocat.merge(pull, method="squash").status == 200
    session.run_pending()
    assert session.state.is_deployed("digits", 1)
    assert "octocat" in our_comments(octocat, pull)[0]
    comment_on(octocat, pull, "/interlock release digits")
    ran = session.run_pending()
    assert "promote" in jobs(ran)
    assert session.state.is_deployed("digits", 2)


def test_fork__trains_only_after_a_command_of_a_user_with_write_access(session: ActSession) -> None:
    mallory, octocat = session.create_user("mallory", permission="read"), session.project.user
    trained = session.runs_of_mlflow()

    pull, head = open_fork_pull(session, mallory, login="mallory")
    ran = session.run_pending()
    reading = {"validate": "success", "plan": "success", "gate": "success"}
    assert jobs(ran) == reading | {"report": "success"}, failed(ran)
    (comment,) = our_comments(octocat, pull)
    assert "/interlock train" in comment
    assert session.runs_of_mlflow() == trained
    assert session.state.check(head) in ("", "None")

    refused = comment_on(mallory, pull, f"/interlock train {head}")
    session.run_pending()
    assert session.runs_of_mlflow() == trained
    assert "rocket" not in reactions(octocat, refused)

    stale = comment_on(octocat, pull, f"/interlock train {'1' * 40}")
    session.run_pending()
    assert session.runs_of_mlflow() == trained
    assert "confused" in reactions(octocat, stale)

    accepted = comment_on(octocat, pull, f"/interlock train {head}")
    ran = session.run_pending()
    ended = jobs(ran)
    assert {"command", "train", "evaluate", "report"} <= set(ended), ended
    assert set(ended.values()) == {"success"}, failed(ran)
    assert session.runs_of_mlflow() == trained + 1
    assert "rocket" in reactions(octocat, accepted)
    (comment,) = our_comments(octocat, pull)
    assert comment.startswith("✅ **digits** passes"), comment[:400]
    assert session.state.check(head) == "success"
    _merge_and_train_again(session, pull, head)


def _merge_and_train_again(session: ActSession, pull: int, head: str) -> None:
    """The fork's candidate is only shown: main trains the fingerprint, and promotes its own run."""
    octocat, trained = session.project.user, session.runs_of_mlflow()
    octocat.git("fetch", "--quiet", "origin", f"refs/pull/{pull}/head")
    path = lookup.evidence_path("digits", by_hand.fingerprint(session, "digits", head))
    shown = session.state.record(path)["candidate"]
    assert path not in by_hand.records(session, "digits")
    assert octocat.merge(pull, method="squash").status == 200
    ran = session.run_pending()
    ended = jobs(ran)
    assert (ended["train"], ended["promote"]) == ("success", "success"), failed(ran)
    assert session.runs_of_mlflow() == trained + 1
    promoted = session.state.last_promotion("digits")
    assert promoted["fingerprint"] == shown["fingerprint"]
    assert promoted["run_id"] != shown["run_id"]
    assert path in by_hand.records(session, "digits")
    assert session.state.is_deployed("digits", 3)


def test_retrain__starts_from_a_comment(session: ActSession) -> None:
    octocat = session.project.user
    octocat.start_branch("words")
    octocat.replace("README.md", "and how.", "and why.")
    octocat.commit_and_push("words", "Say why")
    pull = octocat.open_pull("words", title="Say why", body="")
    session.run_pending()
    eve = session.create_user("eve", permission="read")
    refused = comment_on(eve, pull, "/interlock retrain diabetes")
    assert "retrain" not in jobs(session.run_pending())
    accepted = comment_on(octocat, pull, "/interlock retrain diabetes")
    ran = session.run_pending()
    assert jobs(ran)["retrain"] == "success", failed(ran)
    output = "".join(run.output for run in ran)
    assert "refresh: no window was looked at yet" in output
    assert not session.state.pulls_from("interlock/retrain/diabetes")
    assert "rocket" in reactions(octocat, accepted)
    assert "rocket" not in reactions(octocat, refused)
