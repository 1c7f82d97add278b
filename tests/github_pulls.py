"""Pull requests on the local GitHub, and their state from outside."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

import github_sandbox
from interlock.adapters.github import PyGithubAdapter, RetryPolicy

REPOSITORY = "acme/models"
_BRANCHES = 60


@dataclass
class ServedPull:
    """One open pull request, number `number`, by octocat; `waits` are the seconds slept."""

    hub: github_sandbox.Sandbox
    url: str
    token: str
    client: httpx.Client
    number: int
    head_sha: str
    waits: list[float] = field(default_factory=list)

    def adapter(
        self,
        *,
        token: str = "",
        login: str = "",
        now: Callable[[], float] = time.time,
        timeout_seconds: int = 30,
    ) -> PyGithubAdapter:
        return PyGithubAdapter(
            api_url=f"{self.url}/api",
            repository=REPOSITORY,
            token=token or self.token,
            login=login,
            patience=RetryPolicy(sleep=self.waits.append, now=now),
            timeout_seconds=timeout_seconds,
        )

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def send(self, method: str, path: str, body: object = None) -> Any:
        answer = self.client.request(method, f"/api/repos/{REPOSITORY}{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    def comments(self) -> list[tuple[str, str]]:
        comments = self.get(f"/issues/{self.number}/comments?per_page=100")
        return [(c["user"]["login"], c["body"]) for c in comments]

    def check_runs(self) -> list[dict[str, Any]]:
        runs = self.get(f"/commits/{self.head_sha}/check-runs?filter=all")["check_runs"]
        return list(runs)


@contextmanager
def serve(folder: Path) -> Iterator[Callable[[], ServedPull]]:
    """One server for many tests: each call opens a pull request on a commit of its own."""
    hub = github_sandbox.Sandbox(folder / "hub")
    hub.create_repository(REPOSITORY)
    hub.create_user("octocat", repository=REPOSITORY, permission="write")
    token = hub.create_token("octocat")
    with hub.serve() as url:
        heads = iter(push_branches(folder / "work", hub.git_url(REPOSITORY, token)).items())
        authorization = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=url, headers=authorization) as client:

            def open_pull() -> ServedPull:
                branch, head = next(heads)
                world = ServedPull(hub, url, token, client, 0, head)
                body = {"title": "Better parameters", "head": branch, "base": "main"}
                world.number = world.send("POST", "/pulls", body)["number"]
                hub.faults.clear()
                hub.reset_counts()
                return world

            yield open_pull
    hub.close()


# The author of the commits in octocat's pull requests.
HUBBER = ("-c", "user.email=2+hubber@users.noreply.github.com")


def push_branches(folder: Path, url: str) -> dict[str, str]:
    """A commit on main, and branches with one commit each over it, by name."""
    folder.mkdir()
    run = git(folder)
    run("init", "--quiet", "--initial-branch", "main")
    (folder / "params.yaml").write_text("c: 1\n")
    run("add", ".")
    run("commit", "--quiet", "--message", "Start")
    (folder / "params.yaml").write_text("c: 2\n")
    run("add", ".")
    tree = run("write-tree")
    heads: dict[str, str] = {}
    for number in range(_BRANCHES):
        message = f"Better parameters {number}"
        commit = run(*HUBBER, "commit-tree", tree, "-p", "HEAD", "-m", message)
        heads[f"better-{number}"] = commit
    refspecs = [f"{commit}:refs/heads/{branch}" for branch, commit in heads.items()]
    run("push", "--quiet", url, "main", *refspecs)
    return heads


def git(folder: Path) -> Callable[..., str]:
    identity = ["-c", "user.name=octocat", "-c", "user.email=octocat@example.com"]

    def run(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(folder), *identity, *arguments],
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    return run
