"""A GitHub with two models on main, shipped by the true workflow files, for tests to go on from."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import github_sandbox
from interlock import settings, wiring
from interlock.demo import environment, production, world
from interlock.demo.act import ActEngine
from interlock.demo.act.triggers import WorkflowRun
from interlock.demo.assertions import Witness
from interlock.demo.console import Console
from interlock.demo.jobs import Workplace
from interlock.demo.user import User
from interlock.demo.world import REPOSITORY, DemoWorld


@dataclass
class Stage:
    """`events` are those that nobody has worked off yet."""

    world: DemoWorld
    act: ActEngine
    witness: Witness
    events: list[github_sandbox.Event] = field(default_factory=list)

    def settle(self) -> list[WorkflowRun]:
        """Run what the events so far start, and what that causes."""
        runs: list[WorkflowRun] = []
        while self.events:
            event = self.events.pop(0)
            if event.starts_workflows:
                runs += self.act.start(event)
        return runs

    def person(self, login: str, *, permission: str) -> User:
        """Somebody with a fork of their own, and a clone of it."""
        hub = self.world.hub
        hub.create_user(login, repository=REPOSITORY, permission=permission)
        hub.create_fork(REPOSITORY, owner=login)
        token = hub.create_token(login=login)
        clone = self.world.folder / login
        url = hub.git_url(f"{login}/models", token)
        subprocess.run(["git", "clone", "--quiet", url, str(clone)], check=True)
        return User(clone, self.world.api_url, REPOSITORY, token)

    def runs_of_mlflow(self) -> int:
        with sqlite3.connect(self.world.database) as opened:
            query = "select count(*) from tags where key = 'interlock.fingerprint'"
            found: tuple[int] = opened.execute(query).fetchone()
        return found[0]


def jobs(runs: list[WorkflowRun]) -> dict[str, str]:
    """How each job of runs ended, by name, as act tells it; one that was skipped is not there."""
    ends = {"Job succeeded": "success", "Job failed": "failure"}
    found: dict[str, str] = {}
    for run in runs:
        for line in run.output.splitlines():
            for words, end in ends.items():
                if words in line:
                    found[line.partition("]")[0].rpartition("/")[2].strip()] = end
    return found


def failed(runs: list[WorkflowRun]) -> str:
    """The last that failed runs said, for whoever reads why a test failed."""
    return "\n".join(run.output[-4000:] for run in runs if not run.succeeded)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("stage").resolve()
    with environment.entered(environment.variables(folder / "home")):
        yield from _shipped(folder)


def _shipped(folder: Path) -> Iterator[Stage]:
    lines: list[str] = []
    with world.built(folder) as built:
        registry = wiring.registry(settings.read({"MLFLOW_TRACKING_URI": built.mlflow_uri}))
        witness = Witness(built, registry)
        console = Console(_unused, say=lines.append, line=lines.append)
        workplace = Workplace(folder, built.clone_url, console, built.person)
        act = ActEngine.prepared(built, workplace, witness)
        made = Stage(built, act, witness)
        built.hub.on_event(made.events.append)
        registry.versions("digits")
        world.fill(built)
        production.watch(built)
        built.person.commit_and_push("main", "Describe two models")
        runs = made.settle()
        assert all(run.succeeded for run in runs), runs[-1].output[-6000:]
        assert witness.serves("digits", 1)
        yield made


def _unused(arguments: list[str]) -> Any:
    raise AssertionError(f"no command runs here, but {arguments}")
