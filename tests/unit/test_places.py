"""Temporary folders: held while their process lives, removed after it, whoever it was and however
it went."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from interlock.services import temporary_folders


@pytest.fixture(autouse=True)
def _first_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
def look(tmp_path: Path) -> Callable[[], list[str]]:
    """What is there once a process that begins has looked."""

    def begin() -> list[str]:
        temporary_folders._sweep.cache_clear()
        with temporary_folders.folder("look") as mine:
            pass
        return sorted(each.name for each in tmp_path.iterdir() if each != mine)

    return begin


@contextmanager
def elsewhere(work: Callable[[], object]) -> Iterator[int]:
    """A process that did something, and lives until the block ends."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            work()
            os.write(writer, b"x")
            signal.pause()
        finally:
            os._exit(1)
    assert os.read(reader, 1) == b"x"
    try:
        yield child
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


_KEPT: list[object] = []


def hold(name: str = "train") -> Path:
    """Enter a folder and never leave it."""
    entered = temporary_folders.named(name)
    _KEPT.append(entered)
    folder = entered.__enter__()
    (folder / "deep").mkdir()
    (folder / "deep" / "model.bin").write_text("half")
    return folder


def test_folder__is_new_empty_private_and_gone_afterwards(tmp_path: Path) -> None:
    with temporary_folders.folder("dvc") as one, temporary_folders.folder("dvc") as other:
        assert one != other
        assert one.parent == other.parent == tmp_path
        assert list(one.iterdir()) == []
        assert one.stat().st_mode & 0o777 == 0o700
        (one / "file").write_text("x")
    assert list(tmp_path.iterdir()) == []


def test_folder__is_removed_after_an_error_and_with_unreadable_files(tmp_path: Path) -> None:
    def fail() -> None:
        with temporary_folders.folder("dvc") as folder:
            (folder / "deep").mkdir(mode=0o500)
            raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_dead__is_removed_by_the_next_process(
    tmp_path: Path, look: Callable[[], list[str]]
) -> None:
    with elsewhere(hold):
        assert look() == ["interlock_train"]
        assert (tmp_path / "interlock_train" / "deep" / "model.bin").read_text() == "half"
    assert look() == []


def test_named__has_its_name_again_after_its_process_died(tmp_path: Path) -> None:
    with elsewhere(hold), temporary_folders.named("train") as other:
        assert other.name.startswith("interlock_train_")
    temporary_folders._sweep.cache_clear()
    with temporary_folders.named("train") as again:
        assert again == tmp_path / "interlock_train"
        assert list(again.iterdir()) == []


def test_others__are_left_alone(tmp_path: Path, look: Callable[[], list[str]]) -> None:
    """A folder of an older version, which held none; a file; a link to what is somebody's."""
    (tmp_path / "interlock-abc").mkdir()
    (tmp_path / "interlock_file").write_text("x")
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "file").write_text("x")
    (tmp_path / "interlock_link").symlink_to(theirs)
    assert look() == ["interlock-abc", "interlock_file", "interlock_link", "theirs"]
    assert (theirs / "file").read_text() == "x"


def test_dead__a_link_inside_is_removed_and_not_followed(
    tmp_path: Path, look: Callable[[], list[str]]
) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "file").write_text("x")
    with elsewhere(lambda: (hold() / "link").symlink_to(tmp_path / "theirs")):
        pass
    assert look() == ["theirs"]
    assert (tmp_path / "theirs" / "file").read_text() == "x"


@pytest.mark.skipif(sys.platform == "win32", reason="no users by number")
def test_dead__of_another_user_is_left(
    tmp_path: Path, look: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with elsewhere(hold):
        pass
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    temporary_folders._sweep.cache_clear()
    temporary_folders._sweep(tmp_path)
    assert (tmp_path / "interlock_train").exists()


def test_above__is_made_and_swept_too(tmp_path: Path) -> None:
    scratch = tmp_path / "runner" / "temp"
    with temporary_folders.named("train", above=scratch) as folder:
        assert folder == scratch / "interlock_train"
    assert list(scratch.iterdir()) == []


def test_folder__of_a_program_that_writes_while_it_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    delete, late = shutil.rmtree, ["metrics.json", "model.bin"]

    def delete_while_it_writes(path: Path, *, ignore_errors: bool) -> None:
        delete(path, ignore_errors=ignore_errors)
        if late:
            path.mkdir()
            (path / late.pop()).touch()

    monkeypatch.setattr(shutil, "rmtree", delete_while_it_writes)
    with temporary_folders.folder("demo") as folder:
        pass
    assert not folder.exists()
    assert late == []
