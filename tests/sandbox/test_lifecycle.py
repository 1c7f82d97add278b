"""The server: loopback only, limited requests, clean stop, same state after a restart."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

import github_sandbox
from github_sandbox import errors as sandbox_errors
from interlock import cli, errors

from .scene import API, REPOSITORY, Clone, Scene


def test_state__survives_a_restart(scene: Scene) -> None:
    scene.hub.require_check(REPOSITORY)
    scene.open_pull()
    scene.post("/issues/1/comments", body="Still here?")
    again = github_sandbox.Sandbox(scene.hub.instance.root)
    with again.serve() as url, httpx.Client(base_url=url, headers=scene.http.headers) as client:
        assert url != scene.url
        [comment] = client.get(f"{API}/issues/1/comments").json()
        assert comment["body"] == "Still here?"
        assert comment["url"].startswith(url)
        assert client.put(f"{API}/pulls/1/merge", json={}).status_code == 405
        scene.clone.git("remote", "set-url", "origin", again.git_url(REPOSITORY, scene.token))
        scene.clone.commit({"more.txt": "more\n"}, "More")
        scene.clone.push("topic")
        assert client.get(f"{API}/pulls/1").json()["head"]["sha"] == scene.clone.head()
        assert client.post(f"{API}/issues/1/comments", json={"body": "Yes."}).status_code == 201
    assert [file.name for file in sorted(again.instance.events_folder.iterdir())][-1] == (
        "000007-issue_comment.json"
    )
    again.close()


def test_serve__ends_its_thread_and_frees_its_port(tmp_path: Path) -> None:
    hub = github_sandbox.Sandbox(tmp_path)
    before = set(threading.enumerate())
    with hub.serve() as url:
        port = int(url.rsplit(":", 1)[1])
        assert httpx.get(url).status_code == 200
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=30)
        assert not thread.is_alive(), thread
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
    with hub.serve(port=port) as same:
        assert same == url
    hub.close()


def test_serve__on_a_port_in_use_is_an_error(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        hub = github_sandbox.Sandbox(tmp_path)
        with pytest.raises(sandbox_errors.InvalidCall, match="cannot listen"):
            hub.serve(port=taken.getsockname()[1]).__enter__()
        hub.close()


def test_git_url__outside_of_serving_is_an_error(tmp_path: Path) -> None:
    hub = github_sandbox.Sandbox(tmp_path)
    hub.create_repository(REPOSITORY)
    with pytest.raises(sandbox_errors.InvalidCall, match="not serving"):
        hub.git_url(REPOSITORY)
    hub.close()


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", ""])
def test_host__that_is_not_loopback_is_refused(scene: Scene, host: str) -> None:
    for path in ("/", API, "/acme/models.git/info/refs?service=git-upload-pack"):
        assert scene.http.get(path, headers={"Host": host}).status_code in (400, 421)


def test_host__by_name_is_used_in_addresses(scene: Scene) -> None:
    url = scene.url.replace("127.0.0.1", "localhost")
    shown = scene.http.get(API, headers={"Host": url.removeprefix("http://")}).json()
    assert shown["url"] == f"{url}{API}"


def test_request__that_is_too_large_is_413(scene: Scene) -> None:
    blob = b"x" * (4 * 1024 * 1024 + 1)
    assert scene.send("POST", "/issues/1/comments", content=blob).status_code == 413

    def chunks() -> object:
        for _ in range(5):
            yield b"x" * 1024 * 1024

    assert scene.send("POST", "/issues/1/comments", content=chunks()).status_code == 413


def test_requests__at_the_same_time_lose_nothing(scene: Scene) -> None:
    scene.open_pull()
    headers = scene.bearer(scene.token)

    def comment(number: int) -> None:
        address = f"{scene.url}{API}/issues/1/comments"
        httpx.post(address, json={"body": str(number)}, headers=headers)

    threads = [threading.Thread(target=comment, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    comments = scene.get("/issues/1/comments", per_page=100)
    assert sorted(int(item["body"]) for item in comments) == list(range(20))
    assert len({item["id"] for item in comments}) == 20


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_command__serves_until_a_signal(tmp_path: Path, number: int) -> None:
    keep = tmp_path / "kept"
    with subprocess.Popen(
        [sys.executable, "-m", "interlock", "sandbox", "--keep", str(keep), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        addresses = json.loads(process.stdout.readline())
        assert addresses["schema"] == "interlock/sandbox/v1"
        headers = {"Authorization": f"Bearer {addresses['token']}"}
        user = httpx.get(f"{addresses['api_url']}/user", headers=headers).json()
        assert user["login"] == "octocat"
        Clone(tmp_path).git(*addresses["clone"].split()[1:])
        # Twice: a terminal and a wrapper may both send it.
        process.send_signal(number)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in stderr
    assert (tmp_path / "models" / ".git").is_dir()
    assert (keep / "state.sqlite3").exists()


def test_keep__refuses_a_folder_with_other_files(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = CliRunner().invoke(cli.group, ["sandbox", "--keep", str(tmp_path)])
    assert isinstance(done.exception, errors.BadInput)
    assert "is not empty" in done.exception.message
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_keep__of_a_demo_names_the_folder_of_its_github(tmp_path: Path) -> None:
    (tmp_path / "github").mkdir()
    (tmp_path / "github" / "state.sqlite3").touch()
    done = CliRunner().invoke(cli.group, ["sandbox", "--keep", str(tmp_path)])
    assert isinstance(done.exception, errors.BadInput)
    assert f"--keep {tmp_path / 'github'}" in done.exception.hint
