"""The workspace of a runner: each job begins with the files of its own commit."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from interlock import wiring
from interlock.demo.workspaces import MAIN, Workspaces
from tests import git_processes

CHANGE = "refs/pull/1/head"


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository with a commit on main, and another one in a pull request alone."""
    folder = tmp_path / "origin"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "octocat")
    git(folder, "config", "user.email", "octocat@users.noreply.github.com")
    for name in ("main", "change"):
        (folder / f"{name}.txt").write_text(name)
        (folder / ".gitignore").write_text("ignored\n")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", name)
    git(folder, "update-ref", CHANGE, "HEAD")
    git(folder, "reset", "--quiet", "--hard", "HEAD~1")
    return folder


def names(clone: Path) -> set[str]:
    return {path.name for path in clone.iterdir()}


def test_check_out__leaves_no_file_of_the_job_before(origin: Path, tmp_path: Path) -> None:
    runner = Workspaces.of(tmp_path / "runners", str(origin)).pull_requests
    clone = runner.check_out(CHANGE)
    assert names(clone) == {".git", ".gitignore", "main.txt", "change.txt"}
    (clone / "main.txt").write_text("changed")
    (clone / "ignored").mkdir()
    (clone / "ignored" / "file").write_text("left behind")
    (clone / "link").symlink_to(tmp_path)
    assert runner.check_out(MAIN) == clone
    assert names(clone) == {".git", ".gitignore", "main.txt"}
    assert (clone / "main.txt").read_text() == "main"
    assert tmp_path.is_dir()


def test_check_out__follows_the_branches_of_origin(origin: Path, tmp_path: Path) -> None:
    runner = Workspaces.of(tmp_path / "runners", str(origin)).main
    git(origin, "branch", "old")
    clone = runner.check_out(MAIN)
    git(origin, "branch", "--delete", "old")
    git(origin, "commit", "--quiet", "--allow-empty", "--message", "newer")
    with git_processes.counted(tmp_path) as lines:
        runner.check_out(MAIN)
    assert git(clone, "rev-parse", "HEAD") == git(origin, "rev-parse", "main")
    remote = git(clone, "for-each-ref", "--format=%(refname)", "refs/remotes/origin")
    assert remote == "refs/remotes/origin/main"
    assert len(lines) == 2, lines


def test_check_out__opens_the_repository_once_for_all_jobs(origin: Path, tmp_path: Path) -> None:
    runners = Workspaces.of(tmp_path / "runners", str(origin))
    clone = runners.check_out(MAIN)
    opened = wiring.repository(clone)
    assert runners.check_out(MAIN) == clone
    assert wiring.repository(clone) is opened


def test_check_out__keeps_pull_requests_apart_from_main(origin: Path, tmp_path: Path) -> None:
    runners = Workspaces.of(tmp_path / "runners", str(origin))
    assert runners.check_out(CHANGE) != runners.check_out(MAIN)
