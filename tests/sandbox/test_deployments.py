"""Deployments, their statuses, and dispatches."""

from __future__ import annotations

import pytest

from .scene import Scene


def test_deployment__is_found_by_commit_and_environment(scene: Scene) -> None:
    repository = scene.github()
    made = repository.create_deployment(
        "main", environment="staging", payload={"key": "digits"}, required_contexts=[]
    )
    repository.create_deployment("main", environment="production", required_contexts=[])
    [deployment] = repository.get_deployments(sha=scene.clone.head(), environment="staging")
    assert (deployment.id, deployment.payload, deployment.ref) == (
        made.id,
        {"key": "digits"},
        "main",
    )
    assert scene.names() == ["deployment.created"] * 2
    assert list(repository.get_deployments(sha="0" * 40)) == []


def test_deployment__success_retires_the_one_before(scene: Scene) -> None:
    repository = scene.github()
    first = repository.create_deployment("main", environment="staging", required_contexts=[])
    first.create_status("success")
    second = repository.create_deployment("main", environment="staging", required_contexts=[])
    second.create_status("in_progress")
    second.create_status("success")
    assert [status.state for status in first.get_statuses()] == ["inactive", "success"]
    assert [status.state for status in second.get_statuses()] == ["success", "in_progress"]
    assert scene.names().count("deployment_status.created") == 3


def test_deployment__of_a_commit_that_is_not_green_is_409(scene: Scene) -> None:
    sha = scene.clone.head()
    scene.pass_check(sha, conclusion="failure")
    assert scene.post("/deployments", ref="main").status_code == 409
    assert scene.post("/deployments", ref="main", required_contexts=["other"]).status_code == 409
    assert scene.post("/deployments", ref="main", required_contexts=[]).status_code == 201


def test_deployment__with_wrong_fields_is_422(scene: Scene) -> None:
    assert scene.post("/deployments", ref="nowhere").status_code == 422
    assert scene.post("/deployments", ref="main", description="x" * 141).status_code == 422
    made = scene.post("/deployments", ref="main").json()
    path = f"/deployments/{made['id']}/statuses"
    assert scene.post(path, state="fine").status_code == 422
    assert scene.post(path, state="success", description="x" * 141).status_code == 422


def test_dispatch__of_a_repository_emits_an_event_even_for_a_bot(scene: Scene) -> None:
    bot = scene.bearer(scene.hub.create_token("interlock", bot=True))
    body = {"event_type": "retrain", "client_payload": {"model": "digits"}}
    answer = scene.send("POST", "/dispatches", json=body, headers=bot)
    assert answer.status_code == 204
    [event] = scene.events
    assert (event.name, event.action) == ("repository_dispatch", "retrain")
    assert event.payload["client_payload"] == {"model": "digits"}
    assert event.actor_is_bot is True
    assert event.starts_workflows is True


def test_dispatch__of_over_ten_keys_is_422(scene: Scene) -> None:
    payload = {f"key-{number}": number for number in range(11)}
    answer = scene.post("/dispatches", event_type="retrain", client_payload=payload)
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("workflow", "ref", "status"),
    [("train.yml", "main", 204), ("other.yml", "main", 404), ("train.yml", "nowhere", 422)],
)
def test_dispatch__of_a_workflow_needs_the_file_at_the_ref(
    scene: Scene, workflow: str, ref: str, status: int
) -> None:
    scene.clone.commit({".github/workflows/train.yml": "on: workflow_dispatch\n"}, "Workflow")
    scene.clone.push("main")
    answer = scene.post(
        f"/actions/workflows/{workflow}/dispatches", ref=ref, inputs={"model": "digits"}
    )
    assert answer.status_code == status
    assert ("workflow_dispatch" in scene.names()) is (status == 204)
