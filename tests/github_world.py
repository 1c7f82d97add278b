"""A pull request on a GitHub on loopback, and what anybody sees of it from outside."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from interlock import sandbox
from interlock.adapters.github import Patience, PyGithubAdapter

REPOSITORY = "acme/models"


@dataclass
class World:
    """One open pull request, number `number`, by octocat; `waits` are the seconds slept."""

    hub: sandbox.Sandbox
    url: str
    token: str
    number: int
    head_sha: str
    waits: list[float]

    def adapter(self, *, token: str = "", login: str = "") -> PyGithubAdapter:
        return PyGithubAdapter(
            api_url=f"{self.url}/api",
            repository=REPOSITORY,
            token=token or self.token,
            login=login,
            patience=Patience(sleep=self.waits.append),
        )

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def send(self, method: str, path: str, body: object = None) -> Any:
        answer = httpx.request(
            method,
            f"{self.url}/api/repos/{REPOSITORY}{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.token}"},
        )
        answer.raise_for_status()
        return answer.json()

    def comments(self) -> list[tuple[str, str]]:
        found = self.get(f"/issues/{self.number}/comments?per_page=100")
        return [(c["user"]["login"], c["body"]) for c in found]

    def check_runs(self, sha: str = "") -> list[dict[str, Any]]:
        runs = self.get(f"/commits/{sha or self.head_sha}/check-runs?filter=all")["check_runs"]
        return list(runs)


@contextmanager
def serve(folder: Path) -> Iterator[World]:
    hub = sandbox.Sandbox(folder / "hub")
    hub.create_repository(REPOSITORY)
    hub.create_user("octocat", repository=REPOSITORY, permission="write")
    token = hub.create_token("octocat")
    with hub.serve() as url:
        head = push_branches(folder / "work", hub.git_url(REPOSITORY, token))
        world = World(hub, url, token, 0, head, [])
        body = {"title": "Better parameters", "head": "better", "base": "main"}
        world.number = world.send("POST", "/pulls", body)["number"]
        yield world
    hub.close()


def push_branches(folder: Path, url: str) -> str:
    """A commit on main and one over it on `better`; returns the latter's id."""
    folder.mkdir()
    run = git(folder)
    run("init", "--quiet", "--initial-branch", "main")
    (folder / "params.yaml").write_text("c: 1\n")
    run("add", ".")
    run("commit", "--quiet", "--message", "Start")
    run("switch", "--quiet", "--create", "better")
    (folder / "params.yaml").write_text("c: 2\n")
    run("commit", "--quiet", "--all", "--message", "Better parameters")
    run("push", "--quiet", url, "main", "better")
    return run("rev-parse", "HEAD")


def git(folder: Path) -> Callable[..., str]:
    identity = ["-c", "user.name=octocat", "-c", "user.email=octocat@example.com"]

    def run(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(folder), *identity, *arguments],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    return run
