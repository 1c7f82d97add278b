"""All branches below a folder are fetched in one request."""

from __future__ import annotations

import subprocess
from pathlib import Path

from interlock.adapters import git

FOLDER = "interlock/retrain/"


def run(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=octocat", "-c", "user.email=octocat@example.com")
    done = subprocess.run(
        ["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(folder: Path, branch: str) -> str:
    run(folder, "checkout", "--quiet", "-B", branch)
    run(folder, "commit", "--quiet", "--allow-empty", "-m", branch)
    return run(folder, "rev-parse", "HEAD")


def test_fetch_branches__of_origin_and_local_ones_that_it_lacks(tmp_path: Path) -> None:
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    for folder in (origin, clone):
        run(tmp_path, "init", "--quiet", "--initial-branch=main", str(folder))
    commit(origin, "main")
    run(clone, "remote", "add", "origin", str(origin))
    repository = git.open_repository(clone)
    assert repository.fetch_branches(FOLDER) == {}
    there = commit(origin, f"{FOLDER}digits")
    gone = commit(origin, f"{FOLDER}wine")
    commit(origin, "interlock/retrained")
    commit(clone, f"{FOLDER}digits")
    own = commit(clone, f"{FOLDER}faces")
    assert repository.fetch_branches(FOLDER) == {
        f"{FOLDER}digits": there,
        f"{FOLDER}faces": own,
        f"{FOLDER}wine": gone,
    }
    run(origin, "branch", "--quiet", "-D", f"{FOLDER}wine")
    assert f"{FOLDER}wine" not in repository.fetch_branches(FOLDER)


def test_fetch_branches__without_an_origin_are_the_local_ones(tmp_path: Path) -> None:
    run(tmp_path, "init", "--quiet", "--initial-branch=main", "clone")
    own = commit(tmp_path / "clone", f"{FOLDER}digits")
    repository = git.open_repository(tmp_path / "clone")
    assert repository.fetch_branches(FOLDER) == {f"{FOLDER}digits": own}
