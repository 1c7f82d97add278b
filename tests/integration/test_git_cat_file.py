"""The long-lived process for objects: no answer is cut short, is late, or is a guess."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from interlock import errors
from interlock.adapters import git
from interlock.adapters.git.cat_file import CatFile
from tests.integration.test_git import run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run(tmp_path, "init", "--quiet", "--initial-branch=main", ".")
    (tmp_path / "big.bin").write_bytes(os.urandom(200_000))
    (tmp_path / "small.txt").write_text("small\n")
    run(tmp_path, "add", "--all")
    run(tmp_path, "commit", "--quiet", "--message", "First")
    return tmp_path


@pytest.mark.parametrize("threshold", ["512m", "1k"])
def test_read__no_part_of_a_damaged_object(folder: Path, threshold: str) -> None:
    run(folder, "config", "core.bigFileThreshold", threshold)
    object_id = run(folder, "rev-parse", "HEAD:big.bin")
    file = folder / ".git/objects" / object_id[:2] / object_id[2:]
    data = file.read_bytes()
    file.unlink()
    file.write_bytes(data[:100_000])
    tree = git.open_repository(folder).tree("HEAD")
    with pytest.raises(errors.CannotReachGit, match=object_id):
        tree.read("big.bin")
    assert tree.read("small.txt") == b"small\n"


def test_ended_by_another_program__is_not_a_missing_ref(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = git.open_repository(folder)
    programs = tmp_path_factory.mktemp("programs")
    ended = 'case " $* " in *" cat-file "*) kill -9 $$;; esac'
    (programs / "git").write_text(f'#!/bin/sh\n{ended}\nexec {shutil.which("git")} "$@"\n')
    (programs / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    with pytest.raises(errors.CannotReachGit, match="signal 9"):
        repository.find_ref("refs/heads/main")
    monkeypatch.undo()
    assert repository.find_ref("refs/heads/main") == run(folder, "rev-parse", "HEAD")


class Interrupted(list[str]):
    """Ids that are requested, and then an interrupt before the answers are read."""

    reads = 0

    def __getitem__(self, part: object) -> Interrupted:  # type: ignore[override]
        return self

    def __iter__(self) -> Iterator[str]:
        self.reads += 1
        if self.reads > 1:
            raise KeyboardInterrupt
        return super().__iter__()


def test_interrupt__leaves_no_answer_for_the_next_question(folder: Path) -> None:
    cat_file = CatFile(folder)
    commit, blob = (run(folder, "rev-parse", name) for name in ("HEAD", "HEAD:small.txt"))
    with pytest.raises(KeyboardInterrupt):
        cat_file.read(Interrupted([blob]))
    assert cat_file.name(["HEAD"]) == [commit]
