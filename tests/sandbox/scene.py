"""The start of each test: a running sandbox and a clone of its repository."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import github
import httpx

import github_sandbox

REPOSITORY = "acme/models"
API = f"/api/repos/{REPOSITORY}"


@dataclass
class Clone:
    """A working copy; octocat is the author of every commit."""

    folder: Path

    def git(self, *args: str, ok: bool = True) -> str:
        environment = os.environ | {
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_AUTHOR_NAME": "octocat",
            "GIT_AUTHOR_EMAIL": "octocat@users.noreply.github.com",
            "GIT_COMMITTER_NAME": "octocat",
            "GIT_COMMITTER_EMAIL": "octocat@users.noreply.github.com",
        }
        done = subprocess.run(
            ["git", "-C", str(self.folder), *args],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        assert (done.returncode == 0) is ok, done.stderr
        return (done.stdout if ok else done.stderr).strip()

    def commit(self, files: dict[str, str], message: str) -> str:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", ".")
        self.git("commit", "--quiet", "--message", message)
        return self.head()

    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str, *, start: str = "main") -> None:
        self.git("checkout", "--quiet", "-B", name, start)

    def push(self, *refs: str, ok: bool = True) -> str:
        return self.git("push", "--quiet", "origin", *refs, ok=ok)


@dataclass
class Scene:
    hub: github_sandbox.Sandbox
    url: str
    token: str
    clone: Clone
    http: httpx.Client
    events: list[github_sandbox.Event] = field(default_factory=list)

    def github(self, token: str = "") -> Any:
        """PyGithub's repository (untyped: the tests read responses, not its classes)."""
        client = github.Github(
            base_url=f"{self.url}/api",
            auth=github.Auth.Token(token or self.token),
            retry=None,
            seconds_between_requests=0,
            seconds_between_writes=0,
        )
        return client.get_repo(REPOSITORY)

    def bearer(self, token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"}

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request as octocat; `path` is below the repository, or starts with /api."""
        address = path if path.startswith("/api") else API + path
        return self.http.request(method, address, **options)

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.send("POST", path, json=body)

    def get(self, path: str, /, **query: Any) -> Any:
        answer = self.send("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def open_pull(
        self, branch: str = "topic", files: dict[str, str] | None = None, title: str = "Try"
    ) -> dict[str, Any]:
        """Push a branch with one commit and open a pull request from it."""
        self.clone.branch(branch)
        self.clone.commit(files or {f"{branch}.txt": "new\n"}, f"Add {branch}")
        self.clone.push(branch)
        answer = self.post("/pulls", title=title, body="Why.", head=branch, base="main")
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def pass_check(self, sha: str, name: str = "interlock", conclusion: str = "success") -> None:
        body = {"name": name, "head_sha": sha, "conclusion": conclusion}
        assert self.post("/check-runs", **body).status_code == 201

    def merge(self, number: int, **options: str) -> httpx.Response:
        return self.send("PUT", f"/pulls/{number}/merge", json=options)

    def names(self) -> list[str]:
        """The events so far, as name or name.action."""
        return [f"{e.name}.{e.action}".rstrip(".") for e in self.events]


@contextmanager
def serve(folder: Path) -> Iterator[Scene]:
    """Serve acme/models with one commit on main, and a clone of octocat with write access."""
    hub = github_sandbox.Sandbox(folder / "hub")
    hub.create_repository(REPOSITORY)
    hub.create_user("octocat", repository=REPOSITORY, permission="write")
    token = hub.create_token("octocat")
    clone = Clone(folder / "clone")
    clone.folder.mkdir()
    clone.git("init", "--quiet", "--initial-branch=main")
    clone.commit({"a.txt": "one\ntwo\nthree\n"}, "Start")
    with (
        hub.serve() as url,
        httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}) as client,
    ):
        clone.git("remote", "add", "origin", hub.git_url(REPOSITORY, token))
        clone.push("main")
        scene = Scene(hub, url, token, clone, client)
        hub.on_event(scene.events.append)
        hub.reset_counts()
        yield scene
    hub.close()
