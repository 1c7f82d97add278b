"""Every action in a checkout full of traps: its programs start elsewhere, and spring none."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from interlock import errors
from tests import planted
from tests.contract import workflows
from tests.contract.workflows import ROOT
from tests.fakes.scene import Scene

VERBS = [
    file
    for file in workflows.actions()
    if file.name not in {"clone", "fetch", "fetch-branches", "setup"}
]
GIVEN = {"models": "digits", "rev": "HEAD", "branch": "main", "pull": "1", "base": ""}
INPUT = re.compile(r"\$\{\{ inputs\.([\w-]+)")
# What a job's steps see of the machine.
KEPT = ("PATH", "HOME", "LANG", "SSL_CERT_FILE", "TMPDIR")
SCRIPT_MISSING = {126, 127}


@dataclass(frozen=True)
class Job:
    """One job's folders: its checkout, its own, and where a sprung trap would tell of it."""

    folder: Path

    @property
    def checkout(self) -> Path:
        return self.folder / "checkout"

    @property
    def canary(self) -> Path:
        return self.folder / "canary"

    @property
    def started(self) -> Path:
        """Where Git was started, and by whom: two folders for each time."""
        return self.folder / "started"

    @property
    def store(self) -> str:
        """Which MLflow the programs were told of."""
        return (self.folder / "store").read_text().strip()

    def run(
        self, file: workflows.File, environment: Path, *, mlflow: str = "sqlite:///mlflow.db"
    ) -> subprocess.CompletedProcess[str]:
        """Run an action's steps as a runner does: in the checkout, with what its inputs say."""
        (step,) = (step for _, step in file.steps())
        event = self.folder / "event.json"
        event.write_text('{"action": "created", "repository": {"full_name": "acme/models"}}')
        (self.folder / "temporary").mkdir(exist_ok=True)
        variables = {name: _given(file, value) for name, value in step.get("env", {}).items()}
        variables.pop("MLFLOW_TRACKING_URI", None)
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.checkout,
            env={name: os.environ[name] for name in KEPT if name in os.environ}
            | variables
            | {
                "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
                "INTERLOCK_ENVIRONMENT": str(environment),
                "GITHUB_ACTION_PATH": str(ROOT / "actions" / file.name),
                "GITHUB_ACTIONS": "true",
                "GITHUB_WORKSPACE": str(self.checkout),
                "GITHUB_REPOSITORY": "acme/models",
                "GITHUB_API_URL": "http://127.0.0.1:9",
                "GITHUB_EVENT_NAME": "star",
                "GITHUB_EVENT_PATH": str(event),
                "GITHUB_OUTPUT": str(self.folder / "outputs"),
                "GITHUB_PATH": str(self.folder / "path"),
                "RUNNER_TEMP": str(self.folder / "temporary"),
                "MLFLOW_TRACKING_URI": mlflow,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def places(self) -> set[Path]:
        return {Path(line) for line in self.started.read_text().splitlines()}


def _given(file: workflows.File, value: str) -> str:
    """What a caller gives who gives little: nothing that has to be known, and no token."""
    name = INPUT.match(value)
    declared: dict[str, Any] = file.document.get("inputs", {}).get(name[1] if name else "", {})
    default = str(declared.get("default", ""))
    return GIVEN.get(name[1] if name else "", "" if "${{" in default else default)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A checkout of a change that plants the traps, and a `git` that says where it was started."""
    scene = Scene(tmp_path).create("digits")
    scene.commit(1.0)
    actual = Job(tmp_path)
    planted.plant(actual.checkout, actual.canary)
    words = ["-c", "filter.canary.clean=cat", "-C", str(actual.checkout)]
    subprocess.run(["git", *words, "add", "--force", "--all"], check=True)
    identity = ["-c", "user.name=octocat", "-c", "user.email=octocat@example.com"]
    subprocess.run(["git", *identity, *words, "commit", "--quiet", "-m", "Plant"], check=True)
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\n{{ pwd -P; readlink "/proc/$PPID/cwd"; }} >> "{actual.started}"\n'
        f'echo "$MLFLOW_TRACKING_URI" > "{actual.folder}/store"\n'
        f'exec "{shutil.which("git")}" "$@"\n'
    )
    program.chmod(0o755)
    return actual


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This process's own packages, in the place where `actions/run` would have put them."""
    place = tmp_path_factory.mktemp("environment")
    ours = Path(sys.prefix)
    for name in ("bin", "lib"):
        (place / name).symlink_to(ours / name)
    shutil.copy(ours / "pyvenv.cfg", place)
    lock = str(ROOT / "uv.lock")
    made = subprocess.run(["git", "hash-object", lock], check=True, capture_output=True, text=True)
    for extra in ("core", "train"):
        (place / f".interlock-{extra}-{made.stdout.strip()}").touch()
    return place


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc where a program was started")
@pytest.mark.parametrize("file", VERBS, ids=lambda file: file.name)
def test_action__starts_nothing_in_the_checkout(
    file: workflows.File, job: Job, environment: Path
) -> None:
    done = job.run(file, environment)
    assert not job.canary.exists(), job.canary.read_text()
    assert "canary" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode not in SCRIPT_MISSING | {errors.EXIT_BUG}, done.stderr
    inside = [place for place in job.places() if place.is_relative_to(job.checkout)]
    assert inside == []


@pytest.mark.parametrize("name", ["plan", "validate"])
def test_action__reads_the_checkout_that_it_does_not_stand_in(
    name: str, job: Job, environment: Path
) -> None:
    (file,) = (file for file in VERBS if file.name == name)
    done = job.run(file, environment)
    assert done.returncode == 0, done.stderr
    assert "digits" in done.stdout or "1 manifest checked" in done.stderr


def test_action__starts_each_verb_in_an_empty_folder(job: Job, environment: Path) -> None:
    (file,) = (file for file in VERBS if file.name == "plan")
    job.run(file, environment)
    folders = job.places()
    assert {place.parent for place in folders} == {(job.folder / "temporary").resolve()}
    assert [entry for place in folders for entry in place.iterdir()] == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("sqlite:///mlflow.db", "sqlite:///{checkout}/mlflow.db"),
        ("sqlite:////srv/mlflow.db", "sqlite:////srv/mlflow.db"),
        ("https://mlflow.example.com", "https://mlflow.example.com"),
    ],
)
def test_store__that_is_relative_lies_in_the_checkout(
    address: str, expected: str, job: Job, environment: Path
) -> None:
    (file,) = (file for file in VERBS if file.name == "plan")
    assert job.run(file, environment, mlflow=address).returncode == 0
    assert job.store == expected.format(checkout=job.checkout)


def test_setup__puts_a_command_on_the_path_that_imports_nothing_of_where_it_stands(
    job: Job, environment: Path
) -> None:
    (file,) = (file for file in workflows.actions() if file.name == "setup")
    done = job.run(file, environment)
    assert done.returncode == 0, done.stderr
    folder = (job.folder / "path").read_text().strip()
    command = [f"{folder}/interlock", "validate", "--rev", "HEAD"]
    process = subprocess.run(command, cwd=job.checkout, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    assert "1 manifest checked" in process.stderr
    assert not job.canary.exists(), job.canary.read_text()
