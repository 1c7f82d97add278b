"""A machine that needs no server: its folders are made as the page says, and a model is trained."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import migrated, tiny
from tests.runners import places

PREPARE = str(places.RUNNERS / "one-machine" / "prepare.sh")


def prepare(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", PREPARE, *arguments], capture_output=True, text=True, timeout=30, check=False
    )


def matched(sentence: str, what: str) -> str:
    """What the script says to write, after this word."""
    return next(line.split(what)[1].strip() for line in sentence.splitlines() if what in line)


def test_machine__without_any_server_trains(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, programs: Path
) -> None:
    folder = tmp_path / "srv"
    text = prepare(str(folder)).stdout
    migrated.copy(tmp_path_factory, folder / "mlflow")
    repo = tiny.make(tmp_path)
    uri, remote = matched(text, "mlflow:"), matched(text, "--default store")
    env = tiny.environment(repo, tmp_path / "home", uri)
    env |= {
        "PATH": f"{programs}{os.pathsep}{env['PATH']}",
        "INTERLOCK_CHECKPOINTS": str(folder / "checkpoints"),
    }

    def run(*words: str) -> str:
        done = subprocess.run(
            words, cwd=repo.root, env=env, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("dvc", "remote", "add", "--quiet", "--force", "--default", "store", remote)
    shutil.copytree(repo.remote, remote, dirs_exist_ok=True)
    shutil.rmtree(repo.remote)
    repo.commit()
    assert "trained in" in run("interlock", "train", "tiny", "--quiet-program")
    assert repo.ran == ["prepare", "train"]
    kept = {path.name for path in (folder / "mlflow" / "artifacts").rglob("*.json")}
    assert "candidate.json" in kept
    stored = [path for path in Path(remote).rglob("*") if path.is_file()]
    assert len(stored) > 1
    assert prepare(str(folder)).stdout == text


def test_prepare__refuses_what_is_no_place() -> None:
    assert prepare().returncode == 2
    assert prepare("srv").returncode == 2
    assert not Path("srv").exists()


def test_prepare__leaves_folders_to_their_owner_alone(tmp_path: Path) -> None:
    assert prepare(str(tmp_path / "srv")).returncode == 0
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in (tmp_path / "srv").iterdir()}
    assert modes == dict.fromkeys(("mlflow", "dvc", "checkpoints"), "0o700")
    assert {path.stat().st_uid for path in (tmp_path / "srv").iterdir()} == {os.geteuid()}
