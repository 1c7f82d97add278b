"""What a job may add to the shared DVC cache: objects that are named by their content, once."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runners import places

keep_cache = places.program("keep_cache")


def put(cache: Path, content: bytes, *, name: str | None = None, suffix: str = "") -> Path:
    digest = name or hashlib.md5(content, usedforsecurity=False).hexdigest()
    path = cache / "files" / "md5" / digest[:2] / f"{digest[2:]}{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def held(cache: Path) -> dict[str, bytes]:
    files = (path for path in cache.rglob("*") if path.is_file())
    return {path.relative_to(cache).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    (tmp_path / "copy").mkdir()
    return tmp_path / "copy"


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    (tmp_path / "shared").mkdir()
    return tmp_path / "shared"


def test_keep__adds_what_is_named_by_its_content(
    copy: Path, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(copy, b"data")
    put(copy, b"[]", suffix=".dir")
    put(shared, b"old")
    put(copy, b"old")
    assert keep_cache.main([str(copy), str(shared)]) == 0
    assert "2 objects added (6 bytes), 1 were there, 0 passed over" in capsys.readouterr().err
    assert sorted(held(shared).values()) == [b"[]", b"data", b"old"]
    assert not [path for path in held(shared) if "adding" in path]
    added = shared / put(copy, b"data").relative_to(copy)
    assert stat.S_IMODE(added.stat().st_mode) == 0o444


def test_keep__replaces_nothing(copy: Path, shared: Path) -> None:
    name = hashlib.md5(b"true", usedforsecurity=False).hexdigest()
    put(shared, b"true")
    put(copy, b"false", name=name)
    before = held(shared)
    keep_cache.keep(copy, shared)
    assert held(shared) == before


def test_keep__passes_over_what_is_not_named_by_its_content(copy: Path, shared: Path) -> None:
    put(copy, b"poison", name="0" * 32)
    put(copy, b"x", suffix=".exe")
    secret = copy.parent / "secret"
    secret.write_bytes(b"secret")
    name = hashlib.md5(b"secret", usedforsecurity=False).hexdigest()
    link = copy / "files" / "md5" / name[:2] / name[2:]
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(secret)
    os.mkfifo(copy / "files" / "md5" / "00" / ("1" * 30))
    (copy / "tmp").mkdir()
    (copy / "tmp" / "cache.db").write_bytes(b"pickle")
    (copy / "files" / "md5" / "ee").symlink_to(link.parent)
    kept = keep_cache.keep(copy, shared)
    assert (kept.added, held(shared)) == (0, {})
    assert kept.passed_over == 5


def test_keep__leaves_a_tenth_of_the_disk(
    copy: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(copy, b"four")
    usage = type("Usage", (), {"total": 100, "free": 13})
    monkeypatch.setattr(keep_cache.shutil, "disk_usage", lambda _: usage)
    assert keep_cache.keep(copy, shared).added == 0
    usage.free = 14  # type: ignore[attr-defined]
    assert keep_cache.keep(copy, shared).added == 1


def test_keep__the_shared_disk_refuses(
    copy: Path, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(copy, b"data")
    shared.rmdir()
    shared.write_bytes(b"a file")
    assert keep_cache.main([str(copy), str(shared)]) == 4
    assert capsys.readouterr().err.startswith("nothing more is kept: ")


def test_keep__a_job_that_left_nothing(copy: Path, shared: Path) -> None:
    copy.rmdir()
    assert keep_cache.keep(copy, shared) == keep_cache.Kept()


@given(contents=st.lists(st.binary(max_size=9), max_size=4), lies=st.sets(st.integers(0, 3)))
def test_keep__the_shared_cache_never_holds_a_lie(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes], lies: set[int]
) -> None:
    folder = tmp_path_factory.mktemp("keep")
    for number, content in enumerate(contents):
        if number in lies:
            other = hashlib.md5(content + b"!", usedforsecurity=False).hexdigest()
            put(folder / "copy", content, name=other)
        else:
            put(folder / "copy", content)
    for _ in range(2):
        keep_cache.keep(folder / "copy", folder / "shared")
        for path, content in held(folder / "shared").items():
            name = hashlib.md5(content, usedforsecurity=False).hexdigest()
            assert path == f"files/md5/{name[:2]}/{name[2:]}"


def test_keep__takes_what_dvc_itself_stores(tmp_path: Path, shared: Path) -> None:
    """DVC's own cache, of a file and of a folder, is taken whole and gives the same back."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "DVC_SITE_CACHE_DIR": str(tmp_path / "site"),
        "DVC_NO_ANALYTICS": "1",
    }

    def dvc(*arguments: str) -> None:
        subprocess.run(["dvc", *arguments], cwd=tmp_path / "work", env=environment, check=True)

    (tmp_path / "work" / "folder").mkdir(parents=True)
    (tmp_path / "work" / "folder" / "a").write_text("a")
    (tmp_path / "work" / "folder" / "b").write_text("b")
    dvc("init", "--quiet", "--no-scm")
    dvc("add", "--quiet", "folder")
    kept = keep_cache.keep(tmp_path / "work" / ".dvc" / "cache", shared)
    assert (kept.added, kept.passed_over) == (3, 0)
