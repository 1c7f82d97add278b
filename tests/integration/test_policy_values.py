"""Inside Actions every verb uses MLflow's address and the set-up commands of main's policy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import tiny
from tests.tiny import Tiny

OURS = "http://127.0.0.1:9/ours"
OTHER = "http://127.0.0.1:9/other"
INSIDE = {"GITHUB_ACTIONS": "true", "INTERLOCK_MLFLOW_DEADLINE_SECONDS": "1"}


@pytest.fixture
def world(tmp_path: Path) -> Tiny:
    """Main names our MLflow and a set-up that needs undeclared files; the change, another one."""
    made = tiny.make(tmp_path)
    place = made.root / ".github" / "interlock.yml"
    place.write_text(f'{tiny.POLICY}mlflow: {OURS}\nprepare: "uv sync"\nprovenance: none\n')
    made.git("update-ref", "refs/remotes/origin/main", made.commit())
    place.write_text(f"{tiny.POLICY}mlflow: {OTHER}\nprovenance: none\n")
    (made.root / "pyproject.toml").write_text("[project]\nname = 'tiny'\n")
    made.commit(params_yaml="size: 6\n")
    return made


def call(world: Tiny, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = tiny.environment(world, world.root.parent / "home", OTHER)
    event = world.root.parent / "event.json"
    event.write_text('{"repository": {"default_branch": "main"}}')
    return subprocess.run(
        [sys.executable, "-m", "interlock", *words, "--repo", str(world.root)],
        capture_output=True,
        text=True,
        env=environment | INSIDE | {"GITHUB_EVENT_PATH": str(event)} | more,
        check=False,
    )


@pytest.mark.parametrize("words", [("train", "tiny"), ("evaluate",), ("reconcile",)])
def test_verb__uses_the_mlflow_of_main(world: Tiny, words: tuple[str, ...]) -> None:
    done = call(world, *words)
    assert (done.returncode, f"at {OURS}:" in done.stdout + done.stderr) == (4, True), done
    assert OTHER not in done.stdout + done.stderr


@pytest.mark.parametrize("prepare", ["", "true"])
def test_plan__checks_the_set_up_of_main(world: Tiny, prepare: str) -> None:
    done = call(world, "plan", "--base", "HEAD~", "--json", INTERLOCK_PREPARE=prepare)
    [model] = json.loads(done.stdout)["models"]
    assert model["decision"] == "blocked"
    assert "uv sync" in model["sentence"]
