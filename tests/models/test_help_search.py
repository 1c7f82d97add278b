"""The retrieval example, a scored task, is trained, evaluated, promoted and changed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .workshop import Workshop

MODEL = "help-search"


@pytest.fixture
def repository(workshop: Workshop, tmp_path: Path) -> Workshop:
    """A repository of the example alone, with a remote of Git and one of DVC."""
    root = workshop.root
    (root / "uv.lock").write_text("# what it was trained with\n", "utf-8")
    (root / "pyproject.toml").write_text('[project]\nname = "models"\nversion = "1"\n', "utf-8")
    (root / ".github").mkdir()
    (root / ".github" / "interlock.yml").write_text(
        f"version: 1\nmanifests: model-manifests/{MODEL}/model.yaml\n"
        f"registry: none\nstore: {tmp_path / 'store'}\n",
        "utf-8",
    )
    git(workshop, "init", "--quiet", "--initial-branch", "main")
    workshop.run(MODEL, "dvc", "--cd", str(root), "init", "--quiet")
    remote = str(tmp_path / "remote")
    workshop.run(MODEL, "dvc", "remote", "add", "--quiet", "--default", "store", remote)
    git(workshop, "init", "--quiet", "--bare", str(tmp_path / "origin.git"))
    git(workshop, "remote", "add", "origin", str(tmp_path / "origin.git"))
    commit(workshop, "Begin")
    return workshop


def git(workshop: Workshop, *words: str) -> None:
    names = ("-c", "user.name=octocat", "-c", "user.email=octocat@example.com")
    workshop.run(MODEL, "git", "-C", str(workshop.root), *names, *words)


def commit(workshop: Workshop, message: str) -> None:
    git(workshop, "add", ".")
    git(workshop, "commit", "--quiet", "--message", message)
    git(workshop, "push", "--quiet", "origin", "HEAD:main")
    git(workshop, "fetch", "--quiet", "origin")


def interlock(workshop: Workshop, *words: str, status: int = 0) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "interlock", *words, "--json"],
        cwd=workshop.root,
        env=workshop.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr + done.stdout
    return json.loads(done.stdout)


def verdict(workshop: Workshop) -> Any:
    interlock(workshop, "train", MODEL)
    (model,) = interlock(workshop, "evaluate", "--branch", "main", MODEL)["models"]
    return model["verdict"]


def test_example__has_intervals_slices_and_gates_of_its_own_metrics(repository: Workshop) -> None:
    first = verdict(repository)
    assert (first["outcome"], first["findings"][0]["observed"]) == ("pass", 69 / 104)
    assert interlock(repository, "promote", "--rev", "main")["models"][0]["outcome"] == "promoted"

    repository.set_parameter(MODEL, "index.endings", 4)
    commit(repository, "Count the first four letters")
    second = verdict(repository)
    assert second["outcome"] == "pass"
    compared = {each["metric"]: each for each in second["comparisons"] if not each["slice"]}
    hits = compared["hit_rate"]
    assert hits["difference"] == pytest.approx(3 / 104)
    assert hits["interval"]["low"] <= hits["difference"] <= hits["interval"]["high"]
    assert hits["better"] == "greater"
    ranks = compared["rank_p90"]
    assert (ranks["candidate"], ranks["champion"]) == (pytest.approx(10.7), 26)
    topics = [each["value"] for each in second["comparisons"] if each["slice"] == "topic"]
    assert sorted(set(topics)) == ["account", "bike"]
