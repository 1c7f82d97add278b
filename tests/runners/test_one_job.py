"""One job in a folder of its own, with a `run.sh` in place of GitHub's runner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.runners import places

# Tells what it sees, leaves things behind as jobs do, and ends as it is told.
RUN = """\
#!/bin/bash
env > "$HOME/../seen.env"
echo "$0 $*" > "$HOME/../seen.arguments"
pwd > "$HOME/../seen.folder"
ls -A .. > "$HOME/../seen.there"
cat "$HOME/.config/dvc/config" > "$HOME/../seen.dvc"
mkdir -p _work/models && echo secret > _work/models/left && chmod 500 _work/models
if [ -n "$FAKE_WAITS" ]; then
  trap 'echo interrupted > "$HOME/../seen.signal"; exit 7' INT TERM
  echo ready
  while true; do sleep 0.05; done
fi
exit "${FAKE_CODE:-0}"
"""


@dataclass(frozen=True, slots=True)
class Slot:
    """The folders that the service's units name."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def command(self, *more: str) -> list[str]:
        job = str(places.JUST_IN_TIME / "one_job.py")
        return [sys.executable, "-I", job, "--home", str(self.home), *more]

    def start(self, *more: str) -> list[str]:
        ticket, program = self.folder / "ticket", self.folder / "program"
        return self.command("--ticket", str(ticket), "--program", str(program), *more)

    def run(self, *more: str, **env: str) -> subprocess.CompletedProcess[str]:
        known = {"PATH": os.environ["PATH"], "INTERLOCK_RUNNER_PASS": "FAKE_CODE FAKE_WAITS"} | env
        return subprocess.run(
            self.start(*more), env=known, capture_output=True, text=True, timeout=30, check=False
        )

    def saw(self, what: str) -> str:
        return (self.home / f"seen.{what}").read_text()


@pytest.fixture
def slot(tmp_path: Path) -> Slot:
    slot = Slot(tmp_path)
    slot.home.mkdir()
    (tmp_path / "ticket").write_text("dGlja2V0\n")
    (tmp_path / "program").mkdir()
    (tmp_path / "program" / "run.sh").write_text(RUN)
    (tmp_path / "program" / "run.sh").chmod(0o555)
    return slot


def test_job__gets_a_folder_and_a_runner_of_its_own(slot: Slot) -> None:
    done = slot.run()
    assert (done.returncode, done.stderr) == (0, "")
    assert slot.saw("arguments") == f"{slot.home}/runner/run.sh \n"
    assert slot.saw("folder") == f"{slot.home}/runner\n"
    assert not (slot.folder / "program" / "_work").exists()


def test_job__sees_what_it_may_and_no_more(slot: Slot) -> None:
    slot.run(
        CREDENTIALS_DIRECTORY="/run/credentials/x",
        GITHUB_TOKEN="ghp_x",
        INTERLOCK_RUNNER_SCOPE="orgs/acme",
        MLFLOW_TRACKING_URI="http://127.0.0.1:5000",
        INTERLOCK_RUNNER_PASS="MLFLOW_TRACKING_URI",
        CUDA_VISIBLE_DEVICES="0",
        INTERLOCK_CHECKPOINTS="/srv/interlock/checkpoints",
    )
    lines = dict(line.split("=", 1) for line in slot.saw("env").splitlines())
    assert {name: lines.pop(name) for name in ("HOME", "TMPDIR", "UV_CACHE_DIR")} == {
        "HOME": f"{slot.home}/home",
        "TMPDIR": str(slot.home / "tmp"),
        "UV_CACHE_DIR": f"{slot.home}/uv",
    }
    assert lines["ACTIONS_RUNNER_INPUT_JITCONFIG"] == "dGlja2V0"
    assert lines["DVC_SITE_CACHE_DIR"] == f"{slot.home}/dvc-site"
    assert set(lines) - {"PWD", "SHLVL", "_", "OLDPWD"} == {
        "PATH",
        "ACTIONS_RUNNER_INPUT_JITCONFIG",
        "DVC_SITE_CACHE_DIR",
        "RUNNER_MANUALLY_TRAP_SIG",
        "MLFLOW_TRACKING_URI",
        "CUDA_VISIBLE_DEVICES",
        "INTERLOCK_CHECKPOINTS",
    }
    assert f"dir = {slot.home}/dvc" in slot.saw("dvc")


def test_job__the_next_one_finds_nothing_of_the_last(slot: Slot) -> None:
    slot.run()
    (slot.home / "home" / "loop").symlink_to("/")
    (slot.home / "planted").symlink_to(slot.folder / "program")
    (slot.home / "tmp" / "deep").mkdir()
    (slot.home / "tmp" / "deep").chmod(0)
    assert slot.run().returncode == 0
    assert set(slot.saw("there").split()) == {
        "home", "tmp", "dvc-site", "dvc", "uv", "runner",
        "seen.env", "seen.arguments", "seen.folder", "seen.there",
    }  # fmt: skip
    assert (slot.folder / "program" / "run.sh").exists()


def test_job__its_folder_is_empty_when_it_is_over(slot: Slot) -> None:
    slot.run()
    done = subprocess.run(slot.command("--empty"), capture_output=True, timeout=30, check=False)
    assert (done.returncode, list(slot.home.iterdir())) == (0, [])


def test_job__starts_from_a_copy_of_the_caches(slot: Slot) -> None:
    object_ = slot.folder / "caches" / "dvc" / "files" / "md5" / "ab" / "cd"
    object_.parent.mkdir(parents=True)
    object_.write_text("shared")
    (slot.folder / "caches" / "tmp").mkdir()
    (slot.folder / "caches" / "tmp" / "state.db").write_text("unpickled by whoever opens it")
    assert slot.run("--caches", str(slot.folder / "caches")).returncode == 0
    copy = slot.home / "dvc" / "files" / "md5" / "ab" / "cd"
    assert copy.read_text() == "shared"
    copy.write_text("changed by the job")
    assert object_.read_text() == "shared"
    assert not list(slot.home.rglob("state.db"))


def test_job__ends_as_the_runner_ends(slot: Slot) -> None:
    assert slot.run(FAKE_CODE="5").returncode == 5


def test_job__a_signal_reaches_the_runner(slot: Slot) -> None:
    env = {"PATH": os.environ["PATH"], "INTERLOCK_RUNNER_PASS": "FAKE_WAITS", "FAKE_WAITS": "1"}
    with subprocess.Popen(slot.start(), env=env, stdout=subprocess.PIPE, text=True) as job:
        assert job.stdout is not None
        assert job.stdout.readline() == "ready\n"
        job.send_signal(signal.SIGTERM)
        assert job.wait(timeout=30) == 7
    assert slot.saw("signal") == "interrupted\n"


@pytest.mark.parametrize("ticket", [None, "", "\n", "é"])
def test_job__without_a_ticket_there_is_none(slot: Slot, ticket: str | None) -> None:
    (slot.folder / "ticket").unlink()
    if ticket is not None:
        (slot.folder / "ticket").write_text(ticket)
    done = slot.run()
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("no job: ")
    assert list(slot.home.iterdir()) == []


def test_job__without_a_runner_there_is_none(slot: Slot) -> None:
    (slot.folder / "program" / "run.sh").unlink()
    done = slot.run()
    assert (done.returncode, done.stderr[:8]) == (3, "no job: ")


def test_job__without_its_folder_there_is_none(slot: Slot) -> None:
    slot.home.rmdir()
    done = slot.run()
    assert (done.returncode, done.stderr[:8]) == (4, "no job: ")
