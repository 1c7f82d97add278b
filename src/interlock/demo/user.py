"""The actions of a user: edit, commit, push, open and merge pull requests."""

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
    """A response of GitHub's API; a list is in `body["items"]`."""

    status: int
    body: dict[str, Any]

    @property
    def message(self) -> str:
        return str(self.body.get("message", ""))


@dataclass(frozen=True, slots=True)
class User:
    """octocat, with a clone of `repository` in `folder`."""

    folder: Path
    api_url: str
    repository: str
    token: str

    def git(self, *arguments: str) -> str:
        return self.run("git", *arguments)

    def run(self, *command: str, at: str = ".", extra: Mapping[str, str] | None = None) -> str:
        """Run a program in the clone; raises OutsideFailure with the end of its output."""
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
        """Replace a text in a file; raises BadInput unless the file contains it once."""
        file = self.folder / path
        text = file.read_text(encoding="utf-8")
        if text.count(before) != 1:
            raise errors.BadInput(
                f"{path}: expected {before!r} once, found it {text.count(before)} times"
            )
        file.write_text(text.replace(before, after), encoding="utf-8")

    def start_branch(self, name: str) -> None:
        self.git("fetch", "--quiet", "origin", "main")
        self.git("switch", "--quiet", "--create", name, "origin/main")

    def commit_and_push(self, branch: str, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        self.git("push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")

    def open_pull(self, branch: str, *, title: str, body: str) -> int:
        request = {"title": title, "body": body, "head": branch, "base": "main"}
        answer = self.request("POST", "pulls", request)
        if answer.status != 201:
            raise errors.CannotReachGitHub(f"GitHub did not create the pull request: {answer.body}")
        return int(answer.body["number"])

    def merge(self, number: int, *, method: str) -> ApiResponse:
        head = self.request("GET", f"pulls/{number}").body["head"]["sha"]
        return self.request("PUT", f"pulls/{number}/merge", {"merge_method": method, "sha": head})

    def close(self, number: int) -> None:
        self.request("PATCH", f"pulls/{number}", {"state": "closed"})

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> ApiResponse:
        answer = requests.request(
            method,
            f"{self.api_url}/repos/{self.repository}/{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.token}", **_HEADERS},
            timeout=30,
        )
        document = answer.json() if answer.content else {}
        if not isinstance(document, dict):
            document = {"items": document}
        return ApiResponse(answer.status_code, document)
