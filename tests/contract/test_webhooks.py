"""Every event that the sandbox writes fits GitHub's schema; the plugin holds all other tests to it.

The tour below does each thing that causes one, so that none is left out.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import kept_demo
from tests.contract import openapi_program, webhooks
from tests.contract.openapi_tape import RecordedEvent
from tests.sandbox import test_automerge
from tests.sandbox.scene import Scene, serve

# Every event with its action that the sandbox knows; its own table is in `emit` and `announce`.
KNOWN = {
    "check_run.completed",
    "check_run.created",
    "deployment.created",
    "deployment_status.created",
    "issue_comment.created",
    "issue_comment.deleted",
    "issue_comment.edited",
    "issues.closed",
    "issues.edited",
    "issues.labeled",
    "issues.opened",
    "issues.reopened",
    "issues.unlabeled",
    "pull_request.auto_merge_disabled",
    "pull_request.auto_merge_enabled",
    "pull_request.closed",
    "pull_request.edited",
    "pull_request.labeled",
    "pull_request.opened",
    "pull_request.reopened",
    "pull_request.review_requested",
    "pull_request.synchronize",
    "pull_request.unlabeled",
    "pull_request_review.dismissed",
    "pull_request_review.submitted",
    "push",
    "repository_dispatch.retrain",
    "status",
    "workflow_dispatch",
}
WORKFLOW = ".github/workflows/train.yml"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with serve(tmp_path) as made:
        yield made


def _events(scene: Scene) -> list[RecordedEvent]:
    return [RecordedEvent(e.name, e.action, json.dumps(e.payload).encode()) for e in scene.events]


def _complaints(events: list[RecordedEvent]) -> list[tuple[str, str]]:
    return [(str(each), sentence) for each in events for sentence in webhooks.complaints(each)]


def tour(scene: Scene) -> None:
    """Do everything once that GitHub tells of: on a branch, from a fork, by a bot."""
    hub, clone = scene.hub, scene.clone
    hub.create_user("hubot", repository="acme/models", permission="write")
    other = scene.bearer(hub.create_token("hubot"))
    sha = scene.open_pull("topic")["head"]["sha"]
    clone.commit({"b.txt": "two\n", "a.txt": "changed\n"}, "More")
    clone.git("rm", "-q", "topic.txt")
    clone.commit({}, "Less")
    clone.push("topic")
    clone.push("topic:refs/tags/v1")
    _talk(scene, sha, other)
    _complain(scene)
    _mark(scene, sha)
    clone.branch("dispatched")
    clone.commit({WORKFLOW: "on: workflow_dispatch\n"}, "A workflow")
    clone.push("dispatched")
    body = {"event_type": "retrain", "client_payload": {"model": "digits"}}
    assert scene.post("/dispatches", **body).status_code == 204
    target = "/actions/workflows/train.yml/dispatches"
    assert scene.post(target, ref="dispatched", inputs={"model": "digits"}).status_code == 204
    _fork(scene)
    _leave_to_github(scene)
    assert scene.merge(1).status_code == 200
    clone.push("--delete", "topic")


def _leave_to_github(scene: Scene) -> None:
    scene.hub.allow_auto_merge("acme/models")
    scene.hub.require_check("acme/models", contexts=["slow"])
    for verb in ("enable", "disable"):
        assert "errors" not in test_automerge.ask(scene, verb)
    scene.hub.require_check("acme/models", contexts=[])


def _talk(scene: Scene, sha: str, other: dict[str, str]) -> None:
    comment = scene.post("/issues/1/comments", body="Hi.").json()["id"]
    scene.send("PATCH", f"/issues/comments/{comment}", json={"body": "Hello."})
    scene.send("DELETE", f"/issues/comments/{comment}")
    scene.post("/issues/1/labels", labels=["gpu"])
    scene.send("DELETE", "/issues/1/labels/gpu")
    for change in ({"title": "Other", "body": ""}, {"state": "closed"}, {"state": "open"}):
        scene.send("PATCH", "/pulls/1", json=change)
    body = {"event": "APPROVE", "commit_id": sha}
    review = scene.send("POST", "/pulls/1/reviews", json=body, headers=other).json()["id"]
    dismissal = f"/pulls/1/reviews/{review}/dismissals"
    scene.send("PUT", dismissal, json={"message": "Not this commit."})


def _complain(scene: Scene) -> None:
    number = scene.post("/issues", title="Broken", body="Why.", labels=["data"]).json()["number"]
    scene.send("DELETE", f"/issues/{number}/labels/data")
    for change in ({"title": "Other", "body": ""}, {"state": "closed"}, {"state": "open"}):
        scene.send("PATCH", f"/issues/{number}", json=change)
    scene.post("/pulls/1/requested_reviewers", reviewers=["hubot"], team_reviewers=["vision"])


def _mark(scene: Scene, sha: str) -> None:
    bot = scene.bearer(scene.hub.create_token("interlock", bot=True))
    body: dict[str, object] = {"name": "interlock", "head_sha": sha}
    run = scene.send("POST", "/check-runs", json=body, headers=bot).json()["id"]
    done = {"conclusion": "success", "output": {"title": "t", "summary": "s"}}
    scene.send("PATCH", f"/check-runs/{run}", json=done, headers=bot)
    scene.post(f"/statuses/{sha}", state="success", context="interlock", description="Fine.")
    scene.post(f"/statuses/{sha}", state="pending")
    body = {"ref": sha, "environment": "staging", "required_contexts": []}
    deployment = scene.post("/deployments", **body).json()["id"]
    for more in ({}, {"log_url": f"{scene.url}/log", "environment_url": scene.url}):
        scene.post(f"/deployments/{deployment}/statuses", state="success", **more)


def _fork(scene: Scene) -> None:
    scene.hub.create_fork("acme/models", owner="mallory")
    token = scene.hub.create_token("mallory")
    scene.clone.branch("evil")
    scene.clone.commit({"evil.txt": "new\n"}, "Evil")
    scene.clone.git("push", "--quiet", scene.hub.git_url("mallory/models", token), "evil")
    body = {"title": "From afar", "head": "mallory:evil", "base": "main"}
    answer = scene.send("POST", "/pulls", json=body, headers=scene.bearer(token))
    assert answer.status_code == 201, answer.text


def test_every_event__fits_githubs_schema(scene: Scene) -> None:
    tour(scene)
    events = _events(scene)
    assert {f"{t.name}.{t.action}".rstrip(".") for t in events} == KNOWN
    assert _complaints(events) == []
    print(f"{len(events)} events of {len(KNOWN)} kinds fit GitHub's schemas")


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        ({"number": "1"}, "number: '1' is not of type 'integer'"),
        ({"pull_request": None}, "pull_request: None is not of type 'object'"),
        ({"action": "closed"}, "its action is 'closed'"),
        ({"mood": "good"}, "'mood' was unexpected"),
    ],
)
def test_event__that_does_not_fit_is_reported(
    scene: Scene, broken: dict[str, object], sentence: str
) -> None:
    scene.open_pull()
    (opened,) = [each for each in _events(scene) if each.name == "pull_request"]
    payload = {**json.loads(opened.payload), **broken}
    other = dataclasses.replace(opened, payload=json.dumps(payload).encode())
    assert any(sentence in complaint for complaint in webhooks.complaints(other))


def test_event__unknown_to_github_is_reported() -> None:
    assert webhooks.complaints(RecordedEvent("trained", "", b"{}")) == ["GitHub has no such event"]


@pytest.mark.parametrize(("payload", "count"), [(b'{"schedule": "17 * * * *"}', 0), (b"{}", 1)])
def test_event__of_the_clock_says_its_line(payload: bytes, count: int) -> None:
    assert len(webhooks.complaints(RecordedEvent("schedule", "", payload))) == count


def test_demo__tells_what_fits(tmp_path_factory: pytest.TempPathFactory) -> None:
    exchanges = openapi_program.read(kept_demo.folder(tmp_path_factory) / "exchanges")
    events = [item for item in exchanges if isinstance(item, RecordedEvent)]
    assert _complaints(events) == []
    kinds = {str(t) for t in events}
    print(f"the demo: {len(events)} events of {len(kinds)} kinds")
    assert len(kinds) >= 5
