"""Events: payloads as in webhooks, emitted once, after the change and without a lock."""

from __future__ import annotations

import json

import httpx

from github_sandbox import Event

from .scene import API, Scene


def test_events__are_written_in_order_with_their_payload(scene: Scene) -> None:
    scene.open_pull()
    scene.post("/issues/1/comments", body="Hi.")
    files = sorted((scene.hub.instance.root / "events").iterdir())
    # The first push was before the listener.
    names = [file.name for file in files]
    assert names == [
        "000001-push.json",
        "000002-push.json",
        "000003-pull_request.json",
        "000004-issue_comment.json",
    ]
    written = [json.loads(file.read_text()) for file in files[1:]]
    assert written == [event.payload for event in scene.events]


def test_payload__has_the_fields_of_workflows(scene: Scene) -> None:
    scene.open_pull()
    payload = scene.events[-1].payload
    pull = payload["pull_request"]
    assert payload["action"] == "opened"
    assert payload["number"] == 1
    assert payload["sender"]["login"] == "octocat"
    assert payload["repository"]["full_name"] == "acme/models"
    assert payload["repository"]["default_branch"] == "main"
    assert pull["head"]["sha"] == scene.clone.head()
    assert pull["head"]["repo"]["full_name"] == pull["base"]["repo"]["full_name"]
    assert pull["html_url"] == f"{scene.url}/acme/models/pull/1"


def test_refused_request__emits_no_event(scene: Scene) -> None:
    scene.open_pull()
    scene.events.clear()
    scene.post("/issues/1/comments", body="x" * 65_537)
    scene.merge(1, sha="0" * 40)
    assert scene.events == []


def test_request_refused_halfway__changes_nothing_and_emits_no_event(scene: Scene) -> None:
    scene.open_pull(title="Before")
    scene.events.clear()
    answer = scene.send("PATCH", "/pulls/1", json={"title": "After", "state": "ajar"})
    assert answer.status_code == 422
    assert scene.get("/pulls/1")["title"] == "Before"
    scene.post("/issues/1/comments", body="Next.")
    assert scene.names() == ["issue_comment.created"]


def test_listener__can_use_the_api_and_ends_before_the_response(scene: Scene) -> None:
    scene.open_pull()
    lengths: list[int] = []

    def ask(event: Event) -> None:
        if event.name == "issue_comment":
            headers = scene.bearer(scene.token)
            answer = httpx.get(f"{scene.url}{API}/issues/1/comments", headers=headers)
            lengths.append(len(answer.json()))

    scene.hub.on_event(ask)
    scene.post("/issues/1/comments", body="Hi.")
    assert lengths == [1]


def test_listener__that_fails_does_not_change_the_response(scene: Scene) -> None:
    scene.open_pull()

    def fail(event: Event) -> None:
        raise ValueError(event.name)

    scene.hub.on_event(fail)
    assert scene.post("/issues/1/comments", body="Hi.").status_code == 201
    assert [str(error) for error in scene.hub.listener_errors] == ["issue_comment"]


def test_emit_schedule__starts_workflows_with_the_line_of_their_schedule(scene: Scene) -> None:
    scene.hub.emit_schedule("acme/models", cron="17 * * * *")
    assert [(e.name, e.payload, e.starts_workflows) for e in scene.events] == [
        ("schedule", {"schedule": "17 * * * *"}, True)
    ]
