"""A local GitHub with two models in production, promoted by the workflow files under act."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import github_sandbox
from interlock import settings, wiring
from interlock.demo import environment, production_steps, project
from interlock.demo.console import Console
from interlock.demo.jobs import JobContext
from interlock.demo.project import REPOSITORY, DemoProject
from interlock.demo.state import DemoState
from interlock.demo.user import User
from interlock.demo.workspaces import Workspaces
from tests.act import installation
from tests.act.runner import ActRunner
from tests.act.triggers import WorkflowRun


@dataclass
class ActSession:
    """`events` are waiting: their workflows did not run yet."""

    project: DemoProject
    act: ActRunner
    state: DemoState
    events: list[github_sandbox.Event] = field(default_factory=list)

    def run_pending(self) -> list[WorkflowRun]:
        """Run the workflows of all waiting events, and of the events that these cause."""
        runs: list[WorkflowRun] = []
        while self.events:
            event = self.events.pop(0)
            if event.starts_workflows:
                runs += self.act.start(event)
        return runs

    def create_user(self, login: str, *, permission: str) -> User:
        """A user with a fork and a clone of it."""
        hub = self.project.hub
        hub.create_user(login, repository=REPOSITORY, permission=permission)
        hub.create_fork(REPOSITORY, owner=login)
        token = hub.create_token(login=login)
        clone = self.project.folder / login
        url = hub.git_url(f"{login}/models", token)
        subprocess.run(["git", "clone", "--quiet", url, str(clone)], check=True)
        return User(clone, self.project.api_url, REPOSITORY, token)

    def runs_of_mlflow(self) -> int:
        with sqlite3.connect(self.project.database) as opened:
            query = "select count(*) from tags where key = 'interlock.fingerprint'"
            (count,) = opened.execute(query).fetchone()
        return int(count)


def jobs(runs: list[WorkflowRun]) -> dict[str, str]:
    """The result of each job by name, from the output of act; skipped jobs are missing."""
    ends = {"Job succeeded": "success", "Job failed": "failure"}
    results: dict[str, str] = {}
    for run in runs:
        for line in run.output.splitlines():
            for words, end in ends.items():
                if words in line:
                    results[line.partition("]")[0].rpartition("/")[2].strip()] = end
    return results


def failed(runs: list[WorkflowRun]) -> str:
    """The end of the output of failed runs, for the message of a failed test."""
    return "\n".join(run.output[-4000:] for run in runs if not run.succeeded)


@pytest.fixture(scope="session", autouse=True)
def _shared_installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """All workers use one copy of this checkout, and one environment."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if base.name.startswith("popen-") else base) / "act-installation"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(installation.SHARED, str(place.resolve()))
        yield


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ActSession]:
    folder = tmp_path_factory.mktemp("session").resolve()
    with empty_session(folder) as created:
        _add_models(created)
        yield created


@contextmanager
def empty_session(folder: Path) -> Iterator[ActSession]:
    """A session without a commit; octocat's clone has the workflow files of the README."""
    lines: list[str] = []
    home = environment.variables(folder / "home")
    with environment.entered(home), project.create(folder, provenance="required") as created:
        registry = wiring.registry(settings.read({"MLFLOW_TRACKING_URI": created.mlflow_uri}))
        state = DemoState(created, registry, wiring.repository(created.bare))
        console = Console(_unused, say=lines.append, line=lines.append)
        workspaces = Workspaces.of(folder / "runners", created.clone_url)
        context = JobContext(workspaces, console, created.user)
        act = ActRunner.prepared(created, context, state)
        session = ActSession(created, act, state)
        created.hub.on_event(session.events.append)
        yield session


def _add_models(session: ActSession) -> None:
    session.state.registry.versions("digits")
    project.add_models(session.project)
    production_steps.add_monitoring(session.project)
    session.project.user.commit_and_push("main", "Describe two models")
    runs = session.run_pending()
    assert all(run.succeeded for run in runs), failed(runs)
    assert session.state.is_deployed("digits", 1)


def _unused(arguments: list[str]) -> Any:
    raise AssertionError(f"no command runs in this process, but {arguments}")
