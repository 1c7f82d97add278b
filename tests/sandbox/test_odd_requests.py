"""Odd requests: the sandbox never responds with a server error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import github_sandbox
from github_sandbox import errors
from github_sandbox.api import ENDPOINTS
from github_sandbox.http_types import Endpoint

from .scene import API, Scene, serve

ODD: list[Any] = [
    None,
    True,
    -1,
    1e308,
    "",
    "\0",
    "--all",
    "refs/heads/main",
    "main",
    "@{-1}",
    "é\u202e😀",
    "x" * 70_000,
    [],
    [None],
    {},
    {"a": {"b": []}},
]
_NAMES = """
title body head base state draft sha merge_method commit_title commit_message event commit_id name
color description labels head_sha status conclusion output started_at completed_at external_id
details_url context target_url ref environment payload required_contexts event_type client_payload
inputs force head_repo auto_inactive log_url
"""
FIELDS = _NAMES.split()


VALID = {
    "title": "t",
    "head": "topic",
    "base": "main",
    "name": "n",
    "state": "success",
    "event": "COMMENT",
    "body": "b",
    "ref": "main",
    "labels": ["a"],
    "output": {"title": "t", "summary": "s"},
}


def fill(path: str, value: str) -> str:
    path = path.replace("{owner}/{repo}", "acme/models")
    path = re.sub(r"{\w+:int}", "1", path)
    return re.sub(r"{[^}]+}", value, path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One GitHub for all endpoints: these tests do not depend on its state."""
    with serve(tmp_path_factory.mktemp("odd")) as scene:
        scene.open_pull()
        scene.post("/check-runs", name="interlock", head_sha=scene.clone.head())
        scene.hub.instance.meter.limit = 10**6
        yield scene


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda row: f"{row.method} {row.path}")
def test_odd_request__is_never_a_server_error(shared: Scene, endpoint: Endpoint) -> None:
    scene = shared
    for name in ("main", "%00", "--all", "..", "a%2Fb", "%F0%9F%98%80", "9" * 400):
        answer = scene.send(endpoint.method, f"/api{fill(endpoint.path, name)}", json={})
        assert answer.status_code < 500, (name, answer.text)
        assert "Traceback" not in answer.text
    if endpoint.method == "GET":
        return
    path = f"/api{fill(endpoint.path, scene.clone.head())}"
    sha = scene.clone.head()
    for number, field in enumerate(FIELDS):
        odd = ODD[number % len(ODD)]
        answer = scene.send(endpoint.method, path, json={**VALID, "sha": sha, field: odd})
        assert answer.status_code < 500, (field, odd, answer.text)


def test_half_a_surrogate__is_not_json(scene: Scene) -> None:
    scene.open_pull()
    for content in (b'{"body": "\\ud800"}', b'{"body": NaN}', b"[" * 100_000):
        answer = scene.send("POST", "/issues/1/comments", content=content)
        assert answer.status_code == 400


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "per_page=0", "page=99999999999"])
def test_odd_page__is_a_page(scene: Scene, query: str) -> None:
    scene.open_pull()
    answer = scene.http.get(f"{API}/pulls?{query}")
    assert answer.status_code == 200
    assert isinstance(answer.json(), list)


@pytest.mark.parametrize("of", ["check-runs", "comments", "status"])
def test_unknown_commit__has_github_s_message(scene: Scene, of: str) -> None:
    answer = scene.send("GET", f"/commits/{'0' * 40}/{of}")
    assert (answer.status_code, answer.json()["message"]) == (
        422,
        f"No commit found for SHA: {'0' * 40}",
    )


def test_link__of_an_odd_name_can_be_followed(scene: Scene) -> None:
    scene.clone.push("main:refs/heads/größe/1")
    for name in ("a", "b"):
        scene.pass_check(scene.clone.head(), name=name)
    answer = scene.send("GET", "/commits/größe/1/check-runs", params={"per_page": 1})
    following = scene.http.get(answer.links["next"]["url"]).json()
    assert [run["name"] for run in following["check_runs"]] == ["a"]


def test_page__of_a_commit_with_an_odd_date_is_shown(scene: Scene) -> None:
    scene.clone.git("commit", "--quiet", "--allow-empty", "--date=@99999999999999", "-m", "Late")
    scene.clone.push("main")
    assert scene.http.get(f"/acme/models/commit/{scene.clone.head()}").status_code == 200


def test_folder__that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(errors.InvalidCall, match="cannot write to"):
        github_sandbox.Sandbox(tmp_path / "file")
    (tmp_path / "state.sqlite3").write_text("no database at all, but long enough to be looked at")
    with pytest.raises(errors.InvalidCall, match="cannot write to"):
        github_sandbox.Sandbox(tmp_path)
