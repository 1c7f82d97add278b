"""Check runs, annotations and commit statuses, within GitHub's limits."""

from __future__ import annotations

from typing import Any

import pytest

from .scene import Scene


def notes(count: int, **changes: Any) -> list[dict[str, Any]]:
    one = {
        "path": "a.txt",
        "start_line": 1,
        "end_line": 1,
        "annotation_level": "warning",
        "message": "Look.",
    }
    return [{**one, **changes} for _ in range(count)]


def output(**changes: Any) -> dict[str, Any]:
    return {"title": "Title", "summary": "Summary", **changes}


def test_check__goes_from_queued_to_completed(scene: Scene) -> None:
    sha = scene.clone.head()
    run = scene.post("/check-runs", name="interlock", head_sha=sha).json()
    assert (run["status"], run["conclusion"]) == ("queued", None)
    path = f"/check-runs/{run['id']}"
    scene.send("PATCH", path, json={"status": "in_progress"})
    body = {"conclusion": "success", "output": output(text="Text")}
    done = scene.send("PATCH", path, json=body).json()
    assert (done["status"], done["conclusion"]) == ("completed", "success")
    assert done["completed_at"]
    assert done["output"]["summary"] == "Summary"
    assert scene.names() == ["check_run.created", "check_run.completed"]


def test_check__completed_without_conclusion_is_422(scene: Scene) -> None:
    body = {"name": "interlock", "head_sha": scene.clone.head(), "status": "completed"}
    assert scene.post("/check-runs", **body).status_code == 422
    assert scene.post("/check-runs", **body, conclusion="fine").status_code == 422
    assert scene.post("/check-runs", **body, conclusion="success").status_code == 201


@pytest.mark.parametrize("sha", ["0" * 40, "main", ""])
def test_check__without_a_full_sha_is_422(scene: Scene, sha: str) -> None:
    assert scene.post("/check-runs", name="interlock", head_sha=sha).status_code == 422


@pytest.mark.parametrize("field", ["title", "summary", "text"])
def test_check__output_over_the_limit_is_422(scene: Scene, field: str) -> None:
    body = {"name": "interlock", "head_sha": scene.clone.head()}
    fits = output(**{field: "é" * 65_535})
    assert scene.post("/check-runs", **body, output=fits).status_code == 201
    over = output(**{field: "é" * 65_536})
    assert scene.post("/check-runs", **body, output=over).status_code == 422


def test_annotations__accumulate_fifty_at_a_time(scene: Scene) -> None:
    body = {"name": "interlock", "head_sha": scene.clone.head()}
    over = output(annotations=notes(51))
    assert scene.post("/check-runs", **body, output=over).status_code == 422
    fits = output(annotations=notes(50))
    run = scene.post("/check-runs", **body, output=fits).json()
    path = f"/check-runs/{run['id']}"
    again = scene.send("PATCH", path, json={"output": output(annotations=notes(7))})
    assert again.json()["output"]["annotations_count"] == 57
    assert len(scene.get(f"{path}/annotations", per_page=100)) == 57


@pytest.mark.parametrize(
    "wrong", [{"path": None}, {"annotation_level": "loud"}, {"message": None}, {"end_line": None}]
)
def test_annotation__with_missing_fields_is_422(scene: Scene, wrong: dict[str, Any]) -> None:
    body = {"name": "interlock", "head_sha": scene.clone.head()}
    annotations = output(annotations=notes(1, **wrong))
    assert scene.post("/check-runs", **body, output=annotations).status_code == 422


def test_check__can_be_changed_by_its_app_only(scene: Scene) -> None:
    run = scene.post("/check-runs", name="interlock", head_sha=scene.clone.head()).json()
    bot = scene.bearer(scene.hub.create_token("interlock", bot=True))
    path = f"/check-runs/{run['id']}"
    answer = scene.send("PATCH", path, json={"conclusion": "success"}, headers=bot)
    assert answer.status_code == 403


def test_list__shows_the_latest_of_a_name_or_all(scene: Scene) -> None:
    sha = scene.clone.head()
    scene.pass_check(sha, conclusion="failure")
    scene.pass_check(sha)
    scene.pass_check(sha, name="other")
    latest = scene.get(f"/commits/{sha}/check-runs")
    assert latest["total_count"] == 2
    runs = {run["name"]: run["conclusion"] for run in latest["check_runs"]}
    assert runs == {"interlock": "success", "other": "success"}
    assert scene.get("/commits/main/check-runs", filter="all")["total_count"] == 3
    named = scene.get(f"/commits/{sha}/check-runs", check_name="other")
    assert [run["name"] for run in named["check_runs"]] == ["other"]


def test_status__is_combined_by_context(scene: Scene) -> None:
    sha = scene.clone.head()
    assert scene.get(f"/commits/{sha}/status")["state"] == "pending"
    scene.post(f"/statuses/{sha}", state="failure", context="ci")
    scene.post(f"/statuses/{sha}", state="success", context="ci")
    scene.post(f"/statuses/{sha}", state="success", context="lint", description="x" * 140)
    combined = scene.get(f"/commits/{sha}/status")
    assert (combined["state"], combined["total_count"]) == ("success", 2)
    assert len(scene.get(f"/commits/{sha}/statuses")) == 3
    assert scene.names() == ["status"] * 3


def test_status__over_the_limits_is_422(scene: Scene) -> None:
    sha = scene.clone.head()
    long = scene.post(f"/statuses/{sha}", state="success", description="x" * 141)
    assert long.status_code == 422
    assert scene.post(f"/statuses/{sha}", state="fine").status_code == 422
    assert scene.post(f"/statuses/{'0' * 40}", state="success").status_code == 422


def test_pygithub__writes_checks_and_statuses(scene: Scene) -> None:
    repository = scene.github()
    sha = scene.clone.head()
    run = repository.create_check_run("interlock", sha, status="in_progress")
    run.edit(conclusion="failure", output=output(annotations=notes(2)))
    [run] = repository.get_commit(sha).get_check_runs(check_name="interlock")
    assert (run.conclusion, run.app.slug) == ("failure", "octocat")
    assert [item.message for item in run.get_annotations()] == ["Look.", "Look."]
    repository.get_commit(sha).create_status("success", context="ci")
    assert repository.get_commit(sha).get_combined_status().state == "success"
