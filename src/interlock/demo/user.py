"""What a person does in the story: edits, commits, pushes, opens and merges pull requests."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from interlock import errors

# https://docs.github.com/en/rest/about-the-rest-api/api-versions
_HEADERS = {
    "Accept": "application/vnd.github+json",
    "User-Agent": "interlock demo",
    "X-GitHub-Api-Version": "2022-11-28",
}


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """What GitHub said to a request."""

    status: int
    body: dict[str, Any]

    @property
    def message(self) -> str:
        return str(self.body.get("message", ""))


@dataclass(frozen=True, slots=True)
class User:
    """octocat, at a clone of `repository` in `folder`."""

    folder: Path
    api_url: str
    repository: str
    token: str

    def git(self, *arguments: str) -> str:
        return self.run("git", *arguments)

    def run(self, *command: str, at: str = ".", extra: Mapping[str, str] | None = None) -> str:
        """Run a program in the clone; raises OutsideFailure with its last words."""
        where = self.folder / at
        done = subprocess.run(
            command, cwd=where, capture_output=True, text=True, check=False, env=extra
        )
        if done.returncode != 0:
            raise errors.OutsideFailure(
                f"{' '.join(command)} failed: {done.stderr.strip()[-2000:]}"
            )
        return done.stdout.strip()

    def replace(self, path: str, before: str, after: str) -> None:
        """Edit one place of one file; raises BadInput when the place is not there once."""
        file = self.folder / path
        text = file.read_text(encoding="utf-8")
        if text.count(before) != 1:
            raise errors.BadInput(
                f"{path}: {before!r} is there {text.count(before)} times, not once"
            )
        file.write_text(text.replace(before, after), encoding="utf-8")

    def start_branch(self, name: str) -> None:
        self.git("fetch", "--quiet", "origin", "main")
        self.git("switch", "--quiet", "--create", name, "origin/main")

    def commit_and_push(self, branch: str, message: str) -> str:
        """Commit everything and push it; the commit's id."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        self.git("push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
        return self.git("rev-parse", "HEAD")

    def open_pull(self, branch: str, *, title: str, body: str) -> int:
        request = {"title": title, "body": body, "head": branch, "base": "main"}
        answer = self.ask("POST", "pulls", request)
        if answer.status != 201:
            raise errors.CannotReachGitHub(f"the pull request was refused: {answer.body}")
        return int(answer.body["number"])

    def merge(self, number: int, *, method: str) -> ApiResponse:
        head = self.ask("GET", f"pulls/{number}").body["head"]["sha"]
        return self.ask("PUT", f"pulls/{number}/merge", {"merge_method": method, "sha": head})

    def close(self, number: int) -> None:
        self.ask("PATCH", f"pulls/{number}", {"state": "closed"})

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> ApiResponse:
        answer = requests.request(
            method,
            f"{self.api_url}/repos/{self.repository}/{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.token}", **_HEADERS},
            timeout=30,
        )
        found = answer.json() if answer.content else {}
        return ApiResponse(
            answer.status_code, found if isinstance(found, dict) else {"items": found}
        )
