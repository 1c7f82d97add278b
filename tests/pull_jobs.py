"""The jobs of a pull request as processes: real DVC and MLflow, and the local GitHub as the issuer
of tokens."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from github_sandbox import Event, JobAccess, WorkflowJob
from tests import tiny
from tests.sandbox import scene
from tests.sandbox.scene import REPOSITORY, Scene
from tests.tiny import Tiny

INTERLOCK = "acme/interlock/.github/workflows/models-{}.yml@refs/tags/v1"


@dataclass
class Jobs:
    """The jobs of one event. Each has the variables that GitHub gives to its steps."""

    origin: Scene
    repo: Tiny
    uri: str
    program: Path
    event: Event = field(init=False)

    def open_pull(self, *, into: str = "main") -> str:
        """Change the model in a pull request; return its head."""
        self.repo.git("checkout", "--quiet", "-b", "change")
        head = self.repo.commit(params_yaml="size: 7\n")
        self.repo.git("push", "--quiet", "origin", "change")
        made = self.origin.post("/pulls", title="Grow", body="", head="change", base=into)
        assert made.status_code == 201, made.text
        self._read_event()
        return head

    def retarget(self, *, into: str) -> None:
        """Send the pull request to another base."""
        number = self.event.payload["pull_request"]["number"]
        sent = self.origin.send("PATCH", f"/pulls/{number}", json={"base": into})
        assert sent.status_code == 200, sent.text
        self._read_event()

    def _read_event(self) -> None:
        self.event = next(e for e in reversed(self.origin.events) if e.name == "pull_request")

    def request(self, verb: str) -> JobAccess:
        """A job of models-<verb>.yml with `id-token: write`."""
        job = WorkflowJob(
            workflow_path=".github/workflows/models.yml",
            job_workflow_ref=INTERLOCK.format(verb),
            job_workflow_sha="c" * 40,
        )
        return self.origin.hub.open_job(self.event, job)

    def call(
        self, *arguments: str, at: Path, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        payload = self.repo.root.parent / "event.json"
        payload.write_text(json.dumps(self.event.payload))
        pull = self.event.payload["pull_request"]
        job = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_SERVER_URL": self.origin.url,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_REPOSITORY_ID": str(self.event.payload["repository"]["id"]),
            "GITHUB_EVENT_NAME": self.event.name,
            "GITHUB_EVENT_PATH": str(payload),
            "GITHUB_REF": f"refs/pull/{pull['number']}/merge",
            "GITHUB_BASE_REF": pull["base"]["ref"],
            "GITHUB_SHA": pull["merge_commit_sha"],
            "GITHUB_OUTPUT": str(self.repo.root.parent / "outputs"),
        }
        env = tiny.environment(self.repo, self.repo.root.parent / "home", self.uri)
        return subprocess.run(
            [self.program, *arguments, "--repo", at],
            capture_output=True,
            text=True,
            check=False,
            env=env | job | dict(variables or {}),
        )

    def bare(self, name: str) -> Path:
        folder = self.repo.root.parent / name
        url = self.repo.git("remote", "get-url", "origin")
        subprocess.run(["git", "clone", "--quiet", "--bare", url, folder], check=True)
        return folder

    def train(self, head: str) -> dict[str, str]:
        """The outputs of the job that trains; it can request no token."""
        done = self.call("train", "tiny", "--rev", head, at=self.repo.root)
        assert done.returncode == 0, done.stderr
        lines = (self.repo.root.parent / "outputs").read_text().splitlines()
        pairs = zip(lines[::3], lines[1::3], strict=True)
        return {name.partition("<<")[0]: value for name, value in pairs}


@contextlib.contextmanager
def serve(folder: Path, *, program: Path, uri: str, provenance: str = "required") -> Iterator[Jobs]:
    """Serve a repository with the model of `tiny` and this policy; `uri` is MLflow's."""
    with scene.serve(folder / "github") as origin:
        repo = tiny.make(folder)
        policy = f"{tiny.POLICY}provenance: {provenance}\n"
        (repo.root / ".github" / "interlock.yml").write_text(policy)
        repo.commit()
        url = origin.hub.git_url(REPOSITORY, origin.token)
        repo.git("remote", "add", "origin", url)
        repo.git("push", "--quiet", "--force", "origin", "main")
        repo.git("fetch", "--quiet", "origin")
        yield Jobs(origin, repo, uri, program)
