"""Start a local GitHub with one user and one repository."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from github_sandbox.sandbox import Sandbox

REPOSITORY = "acme/models"
LOGIN = "octocat"


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """The addresses of a running sandbox, and a token of its user."""

    sandbox: Sandbox
    url: str
    token: str
    repository: str = REPOSITORY
    login: str = LOGIN

    @property
    def api_url(self) -> str:
        return f"{self.url}/api"

    @property
    def clone_url(self) -> str:
        return self.sandbox.git_url(self.repository, self.token)


@contextmanager
def start(root: Path, *, port: int = 0) -> Iterator[RunningSandbox]:
    """Serve until the block ends; the state is in the folder `root`. `port` 0: any free port."""
    sandbox = Sandbox(root)
    try:
        if REPOSITORY not in sandbox.repositories:
            sandbox.create_repository(REPOSITORY)
        sandbox.create_user(LOGIN, repository=REPOSITORY, permission="admin")
        with sandbox.serve(port=port) as url:
            yield RunningSandbox(sandbox, url, sandbox.create_token(LOGIN))
    finally:
        sandbox.close()
