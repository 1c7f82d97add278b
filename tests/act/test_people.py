"""A fork's pull request, and what comments ask for: the true workflow files, under act."""

from __future__ import annotations

from interlock.demo.story import PARAMS
from interlock.demo.user import User
from tests.act.conftest import Stage, failed, jobs


def proposed(stage: Stage, person: User, *, login: str) -> tuple[int, str]:
    """A fork's pull request with one better parameter; its number and its head."""
    person.git("switch", "--quiet", "--create", "stronger", "origin/main")
    person.replace(PARAMS, "c: 1.0 ", "c: 100.0 ")
    head = person.commit_and_push("stronger", "Let digits fit harder")
    request = {"title": "Let digits fit harder", "head": f"{login}:stronger", "base": "main"}
    answer = person.ask("POST", "pulls", request)
    assert answer.status == 201, answer.body
    return int(answer.body["number"]), head


def say(person: User, pull: int, text: str) -> int:
    answer = person.ask("POST", f"issues/{pull}/comments", {"body": text})
    assert answer.status == 201, answer.body
    return int(answer.body["id"])


def reactions(person: User, comment: int) -> list[str]:
    found = person.ask("GET", f"issues/comments/{comment}/reactions").body["items"]
    return [reaction["content"] for reaction in found]


def ours(person: User, pull: int) -> list[str]:
    items = person.ask("GET", f"issues/{pull}/comments").body["items"]
    return [item["body"] for item in items if item["user"]["login"] == "github-actions[bot]"]


def test_fork__is_planned_and_told_and_trains_when_somebody_who_may_asks(stage: Stage) -> None:
    mallory, octocat = stage.person("mallory", permission="read"), stage.world.person
    trained = stage.runs_of_mlflow()

    pull, head = proposed(stage, mallory, login="mallory")
    ran = stage.settle()
    reading = {"validate": "success", "plan": "success", "gate": "success"}
    assert jobs(ran) == reading | {"report": "success"}, failed(ran)
    (comment,) = ours(octocat, pull)
    assert "/interlock train" in comment
    assert stage.runs_of_mlflow() == trained
    assert stage.witness.check(head) in ("", "None")

    refused = say(mallory, pull, f"/interlock train {head}")
    stage.settle()
    assert stage.runs_of_mlflow() == trained
    assert "rocket" not in reactions(octocat, refused)

    stale = say(octocat, pull, f"/interlock train {'1' * 40}")
    stage.settle()
    assert stage.runs_of_mlflow() == trained
    assert "confused" in reactions(octocat, stale)

    asked = say(octocat, pull, f"/interlock train {head}")
    ran = stage.settle()
    ended = jobs(ran)
    assert {"command", "train digits", "evaluate", "report"} <= set(ended), ended
    assert set(ended.values()) == {"success"}, failed(ran)
    assert stage.runs_of_mlflow() == trained + 1
    assert "rocket" in reactions(octocat, asked)
    (comment,) = ours(octocat, pull)
    assert comment.startswith("✅ **digits** passes"), comment[:400]
    assert stage.witness.check(head) == "success"


def test_hold__keeps_what_is_served_until_it_is_released(stage: Stage) -> None:
    octocat = stage.world.person
    octocat.start_branch("harder")
    octocat.replace(PARAMS, "c: 1.0 ", "c: 50.0 ")
    octocat.commit_and_push("harder", "Let digits fit a little harder")
    pull = octocat.open_pull("harder", title="Fit harder", body="")
    stage.settle()
    say(octocat, pull, "/interlock hold digits the camera is broken")
    stage.settle()
    assert octocat.merge(pull, method="squash").status == 200
    stage.settle()
    assert stage.witness.serves("digits", 1)
    assert "octocat" in ours(octocat, pull)[0]
    say(octocat, pull, "/interlock release digits")
    ran = stage.settle()
    assert "promote" in jobs(ran)
    assert stage.witness.serves("digits", 2)


def test_retrain__is_asked_for_in_a_comment(stage: Stage) -> None:
    octocat = stage.world.person
    octocat.start_branch("words")
    octocat.replace("README.md", "and how.", "and why.")
    octocat.commit_and_push("words", "Say why")
    pull = octocat.open_pull("words", title="Say why", body="")
    stage.settle()
    mallory = stage.person("eve", permission="read")
    refused = say(mallory, pull, "/interlock retrain diabetes")
    assert "retrain" not in jobs(stage.settle())
    asked = say(octocat, pull, "/interlock retrain diabetes")
    ran = stage.settle()
    assert jobs(ran)["retrain"] == "success", failed(ran)
    output = "".join(run.output for run in ran)
    assert "refresh: no window was looked at yet" in output
    assert not stage.witness.pulls_from("interlock/retrain/diabetes")
    assert "rocket" in reactions(octocat, asked)
    assert "rocket" not in reactions(octocat, refused)
