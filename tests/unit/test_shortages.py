"""A full disk is said as one, with the place and what is free there, whichever program tells of it
and however deep in an error it lies."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
from pathlib import Path

import pytest

from interlock import errors
from interlock.adapters.git import program
from interlock.services import machine_shortage

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        FULL,
        OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)),
        sqlite3.OperationalError("database or disk is full"),
        caused(ValueError("not written"), FULL),
        caused(caused(RuntimeError("a"), ValueError("b")), FULL),
        caused(errors.CannotReadDocument("it cannot be read"), FULL),
        RuntimeError("git read-tree failed: sha1 file 'index' write error. Out of diskspace"),
        RuntimeError("Io error: No space left on device (os error 28)"),
    ],
)
def test_of__a_full_disk_wherever_it_lies(error: Exception) -> None:
    of_room = machine_shortage.of(error)
    assert of_room is not None
    assert of_room.message.startswith("the disk ")
    assert of_room.hint.startswith("free some disk space")
    assert of_room.exit_code == errors.EXIT_OUTSIDE


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EROFS, "the file system is read-only"),
        (errno.EMFILE, "too many files are open"),
        (errno.ENFILE, "too many files are open on this machine"),
        (errno.ENOMEM, "there is not enough memory"),
    ],
)
def test_of__other_shortages(number: int, words: str) -> None:
    of_room = machine_shortage.of(OSError(number, os.strerror(number)))
    assert of_room is not None
    assert of_room.message == f"{words} ({os.strerror(number)})"


@pytest.mark.parametrize(
    "error",
    [
        ValueError("no"),
        OSError(errno.EACCES, "Permission denied"),
        errors.Refused("the manifest says: No space left on device"),
        KeyError("disk"),
    ],
)
def test_of__all_else_is_none(error: Exception) -> None:
    assert machine_shortage.of(error) is None


def test_of__a_shortage_that_was_reported_already() -> None:
    known = errors.ShortOfRoom("the disk is full")
    assert machine_shortage.of(caused(errors.CannotReachGit("x"), known)) is known


def test_of__two_errors_that_cause_one_another() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    assert machine_shortage.of(one) is None


def test_place__of_a_file_is_the_nearest_folder_with_its_free_space(tmp_path: Path) -> None:
    file = tmp_path / "not" / "there" / "model.bin"
    of_room = machine_shortage.of(OSError(errno.ENOSPC, "No space left on device", str(file)))
    assert of_room is not None
    assert f": {tmp_path} has " in of_room.message
    assert " free of " in of_room.message
    assert str(file) in of_room.message


def test_place__that_has_room_is_not_named(tmp_path: Path) -> None:
    """The full disk is a server's, then."""
    of_room = machine_shortage.in_message("remote: fatal: No space left on device", near=[tmp_path])
    assert of_room is not None
    assert of_room.message == "the disk is full (remote: fatal: No space left on device)"


def full_file_system(monkeypatch: pytest.MonkeyPatch, *, blocks: int, files: int) -> None:
    real = os.statvfs("/")
    numbers = list(real)
    for name, value in (("f_bavail", blocks), ("f_favail", files)):
        numbers[real.__class__.__match_args__.index(name)] = value
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result(numbers))


def test_place__that_is_full_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full_file_system(monkeypatch, blocks=0, files=1000)
    of_room = machine_shortage.in_message("No space left on device", near=[tmp_path])
    assert of_room is not None
    assert f"{tmp_path} has 0 bytes free of " in of_room.message


def test_place__without_room_for_more_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full_file_system(monkeypatch, blocks=1 << 40, files=0)
    of_room = machine_shortage.in_message("No space left on device", near=[tmp_path])
    assert of_room is not None
    assert f"{tmp_path} has no room for one more file" in of_room.message


@pytest.mark.parametrize(("blocks", "files"), [(0, 1000), (1 << 40, 0)])
def test_suspected__an_error_without_a_cause_on_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blocks: int, files: int
) -> None:
    error = RuntimeError("Failed to download artifacts from path 'candidate.json'")
    assert machine_shortage.suspected(error, near=[tmp_path]) is None
    full_file_system(monkeypatch, blocks=blocks, files=files)
    of_room = machine_shortage.suspected(error, near=[tmp_path])
    assert of_room is not None
    assert of_room.message.startswith(f"the disk is full: {tmp_path} has ")
    assert "candidate.json" in of_room.message


def test_suspected_in__a_message_of_git_without_a_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = subprocess.CompletedProcess([], 1, b"", b"error: couldn't write 'refs/x.lock'\n")
    failed = program.failure(("fetch",), done, near=tmp_path)
    assert isinstance(failed, errors.CannotReachGit)
    full_file_system(monkeypatch, blocks=0, files=1000)
    failed = program.failure(("fetch",), done, near=tmp_path)
    assert isinstance(failed, errors.ShortOfRoom)
    assert f"{tmp_path} has 0 bytes free" in failed.message
    assert "couldn't write 'refs/x.lock'" in failed.message


def test_suspected__the_message_comes_first() -> None:
    of_room = machine_shortage.suspected(FULL)
    assert of_room is not None
    assert of_room.message.endswith("(No space left on device)")


def test_in_message__the_last_line_that_tells_of_it() -> None:
    of_room = machine_shortage.in_message(
        "fine\nOSError: No space left on device: 'a'\nTraceback\n"
    )
    assert of_room is not None
    assert "(OSError: No space left on device: 'a')" in of_room.message
    assert machine_shortage.in_message("Errno 28") is None


def test_disk_in_message__leaves_a_program_its_other_faults() -> None:
    assert machine_shortage.disk_in_message("OSError: [Errno 24] Too many open files") is None
    assert machine_shortage.in_message("OSError: [Errno 24] Too many open files") is not None


def test_detected__raises_the_shortage_and_leaves_all_else() -> None:
    def block(error: Exception) -> None:
        with machine_shortage.detected(Path("/")):
            raise error

    with pytest.raises(errors.ShortOfRoom) as caught:
        block(FULL)
    assert caught.value.__cause__ is FULL
    with pytest.raises(ValueError, match="other"):
        block(ValueError("other"))
