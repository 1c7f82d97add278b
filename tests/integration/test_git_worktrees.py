"""A checkout outside the working tree is gone when it was used, and, where its process was killed,
when the next one is made: its files and what git noted of it."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from interlock.adapters import git
from interlock.services import temporary_folders
from tests import tiny
from tests.tiny import Tiny


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    temporary_folders._sweep.cache_clear()
    return tiny.make(tmp_path)


def noted(repo: Tiny) -> list[str]:
    return [each.name for each in (repo.root / ".git").glob("worktrees/*")]


def use(repo: Tiny) -> None:
    """As the next process does."""
    temporary_folders._sweep.cache_clear()
    with git.open_repository(repo.root).worktree("main") as checkout:
        assert (checkout / "tiny" / "model.yaml").exists()
        assert noted(repo) == [checkout.name]
    assert noted(repo) == []
    assert list(Path(tempfile.gettempdir()).iterdir()) == []


def killed(work: Callable[[], object]) -> None:
    """Do it in a process that then dies without a word."""
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


def test_worktree__twice(repo: Tiny) -> None:
    use(repo)
    use(repo)


def test_worktree__killed_while_it_is_used(repo: Tiny) -> None:
    def die() -> None:
        with git.open_repository(repo.root).worktree("main"):
            os.kill(os.getpid(), signal.SIGKILL)

    killed(die)
    assert len(noted(repo)) == 1
    use(repo)


# What `git worktree add` has written when it is killed, in its order.
@pytest.mark.parametrize("files", [(), ("locked",), ("locked", "gitdir")])
def test_worktree__killed_while_git_makes_it(repo: Tiny, files: tuple[str, ...]) -> None:
    entry = repo.root / ".git" / "worktrees" / f"{temporary_folders.PREFIX}worktree_1"
    entry.mkdir(parents=True)
    texts = {"locked": "initializing", "gitdir": "/nowhere/at/all/.git\n"}
    for name in files:
        (entry / name).write_text(texts[name])
    use(repo)


def test_worktree__those_of_people_stay(repo: Tiny, tmp_path: Path) -> None:
    repo.git("worktree", "add", "--detach", str(tmp_path / "theirs"))
    (tmp_path / "theirs").rename(tmp_path / "on-a-disk-that-is-not-mounted")
    with git.open_repository(repo.root).worktree("main"):
        assert "theirs" in noted(repo)


def test_worktree__of_a_living_process_stays(repo: Tiny) -> None:
    repository = git.open_repository(repo.root)
    with repository.worktree("main") as one, repository.worktree("main") as other:
        assert sorted(noted(repo)) == sorted([one.name, other.name])
        assert (one / "env.lock").exists()
