"""The action `clone`: the calling file may choose its ids, and no other text of it reaches Git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from tests import ledger_attacks

ACTION = Path(__file__).parents[2] / "actions" / "clone" / "action.yml"


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    work, made = tmp_path / "work", tmp_path / "acme" / "models.git"
    ledger_attacks.run(tmp_path, "init", "--quiet", "--initial-branch=main", str(work))
    ledger_attacks.run(work, "commit", "--quiet", "--allow-empty", "--message=Start")
    ledger_attacks.run(tmp_path, "clone", "--quiet", "--bare", str(work), str(made))
    for name in ("allowFilter", "allowAnySHA1InWant"):
        ledger_attacks.run(made, "config", f"uploadpack.{name}", "true")
    return made


def clone(origin: Path, **ids: str) -> subprocess.CompletedProcess[str]:
    place = origin.parents[1] / "clone"
    place.mkdir()
    (step,) = yaml.safe_load(ACTION.read_text())["runs"]["steps"]
    inputs = {"BRANCH": "main", "COMMIT": "", "BASE": "", "TOKEN": "", "LEDGER": "ledger"}
    job = {
        "GITHUB_ACTION_PATH": str(ACTION.parent),
        "GITHUB_SERVER_URL": origin.parents[1].as_uri(),
        "GITHUB_REPOSITORY": "acme/models",
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=place,
        env=os.environ | inputs | job | ids,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["COMMIT", "BASE"])
@pytest.mark.parametrize("text", ["--upload-pack=touch hostile;git-upload-pack", "{}:refs/x"])
def test_clone__another_text_than_a_full_id_does_not_reach_git(
    origin: Path, name: str, text: str
) -> None:
    commit = ledger_attacks.run(origin, "rev-parse", "main")
    done = clone(origin, **{name: text.format(commit)})
    assert done.returncode == 1
    assert done.stdout == "::error::head and base must be full commit ids\n"
    assert not list((origin.parents[1] / "clone").iterdir())


@pytest.mark.parametrize("name", ["COMMIT", "BASE"])
def test_clone__of_a_full_id_or_of_the_branch(origin: Path, name: str) -> None:
    commit = ledger_attacks.run(origin, "rev-parse", "main")
    done = clone(origin, **{name: commit})
    assert done.returncode == 0, done.stderr
    assert ledger_attacks.run(origin.parents[1] / "clone", "rev-parse", "HEAD") == commit
