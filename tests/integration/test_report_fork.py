"""`interlock report` on a fork's pull request: by main's own job, from Git objects alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import Result

import github_sandbox
from interlock import errors
from tests.fakes.scene import run
from tests.github_pulls import REPOSITORY
from tests.integration.test_report_cli import World

FORK = "mallory/models"


class Job:
    """A job on `workflow_run`: a clone of main, a token that writes, and the event's payload."""

    def __init__(self, folder: Path, world: World) -> None:
        self.world = world
        self.clone = folder / "clone"
        self.payload = folder / "event.json"
        url = world.hub.git_url(REPOSITORY, world.token)
        run(folder, "clone", "--quiet", "--single-branch", "--branch", "main", url, "clone")

    def report(self, *arguments: str, **ended: Any) -> Result:
        """What it does after a run that ended; `ended` is what differs from the fork's."""
        document = {
            "id": 13,
            "event": "pull_request",
            "actor": {"login": "mallory"},
            "conclusion": "success",
            "head_branch": "better",
            "head_sha": self.world.head,
            "head_repository": {"full_name": FORK},
            **ended,
        }
        repository = {"full_name": REPOSITORY, "default_branch": "main"}
        self.payload.write_text(json.dumps({"workflow_run": document, "repository": repository}))
        return self.world.report(
            *("--repo", str(self.clone), "--commit", self.world.head, *arguments),
            GITHUB_EVENT_NAME="workflow_run",
            GITHUB_EVENT_PATH=str(self.payload),
        )

    def comments(self, number: int = 1) -> list[str]:
        path = f"/api/repos/{REPOSITORY}/issues/{number}/comments"
        headers = {"Authorization": f"Bearer {self.world.token}"}
        value = httpx.get(self.world.url + path, headers=headers).json()
        return [comment["body"] for comment in value]


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    hub = github_sandbox.Sandbox(tmp_path / "hub")
    hub.create_repository(REPOSITORY)
    hub.create_user("octocat", repository=REPOSITORY, permission="write")
    (tmp_path / "work").mkdir()
    with hub.serve() as url:
        world = World(tmp_path / "work", hub, url)
        _open_from_fork(world)
        yield Job(tmp_path, world)
    hub.close()


def _open_from_fork(world: World) -> None:
    """Mallory's fork has the branch, and the repository has it not."""
    world.hub.create_fork(REPOSITORY, owner="mallory")
    token = world.hub.create_token("mallory")
    run(world.checkout, "push", "--quiet", world.hub.git_url(FORK, token), "better")
    run(world.checkout, "push", "--quiet", "origin", "--delete", "better")
    answer = httpx.post(
        f"{world.url}/api/repos/{REPOSITORY}/pulls",
        json={"title": "Better", "head": "mallory:better", "base": "main"},
        headers={"Authorization": f"Bearer {token}"},
    )
    answer.raise_for_status()


def test_fork__is_found_by_the_branch_of_the_run_that_ended(job: Job) -> None:
    done = job.report()
    assert done.exit_code == 0, done.output
    (comment,) = job.comments()
    text = "waits for training: a user with write access must request it for this commit"
    assert comment.startswith(f"⏳ **digits** {text}\n")


def test_fork__has_nothing_checked_out(job: Job) -> None:
    before = sorted(p for p in job.clone.rglob("*") if ".git" not in p.parts)
    assert job.report().exit_code == 0
    assert sorted(p for p in job.clone.rglob("*") if ".git" not in p.parts) == before
    assert run(job.clone, "rev-parse", "HEAD") != job.world.head


@pytest.mark.parametrize(
    "ended",
    [
        {"head_sha": "c" * 40},  # another commit than was asked about
        {"head_branch": "other"},
        {"head_branch": None},
        {"head_repository": None},  # the fork is gone
        {"head_repository": {"full_name": "octocat/models"}},
    ],
)
def test_run__that_names_no_pull_request_of_that_commit_is_reported_nowhere(
    job: Job, ended: dict[str, Any]
) -> None:
    done = job.report(**ended)
    assert done.exit_code == 0, done.output
    assert "belongs to no pull request" in done.stderr
    assert job.comments() == []


def test_run__a_payload_that_is_not_valid_is_an_error_of_the_user(job: Job) -> None:
    done = job.report(head_sha="main")
    assert isinstance(done.exception, errors.CannotReadDocument)
    assert "workflow_run.head_sha" in str(done.exception)
    assert job.comments() == []


def test_fork__without_the_event_is_not_found_by_its_commit(job: Job) -> None:
    done = job.world.report("--repo", str(job.clone), "--commit", job.world.head)
    assert "belongs to no pull request" in done.stderr
    assert job.comments() == []
