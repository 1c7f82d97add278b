"""Pictures in memory and on a branch in Git: added, found, and removed after some months."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from interlock import errors
from interlock.adapters import git
from interlock.adapters.pictures import GitPictures
from interlock.ports.pictures import Pictures
from tests.fakes.pictures import FakePictures

NOW = "2030-01-15T00:00:00Z"
BRANCH = "refs/heads/interlock-pictures"
Open = Callable[[str], Pictures]


def run(folder: Path, *arguments: str, stdin: Path | None = None) -> str:
    command = ["git", "-C", str(folder), *arguments]
    data = None if stdin is None else stdin.read_bytes()
    done = subprocess.run(command, input=data, capture_output=True, check=True)
    return done.stdout.decode().strip()


def open_git(place: Path, now: str = NOW) -> GitPictures:
    repository = git.open_repository(place)
    branch = "interlock-pictures"
    return GitPictures(repository, branch=branch, now=now, days=90, pause=lambda _: None)


def in_memory(_: Path) -> Open:
    files: dict[str, bytes] = {}
    return lambda now: FakePictures(files, now)


def in_a_bare_repository(folder: Path) -> Open:
    run(folder, "init", "--quiet", "--bare", "origin.git")
    return lambda now: open_git(folder / "origin.git", now)


def in_clones(folder: Path) -> Open:
    """Each in a clone of its own, every second one without files, as in a job."""
    run(folder, "init", "--quiet", "--bare", "origin.git")
    run(folder / "origin.git", "config", "uploadpack.allowFilter", "true")
    count = iter(range(100))

    def clone(now: str) -> Pictures:
        name = f"clone-{(number := next(count))}"
        filters = ["--filter=blob:none"] if number % 2 else []
        run(folder, "clone", "--quiet", *filters, f"file://{folder}/origin.git", name)
        return open_git(folder / name, now)

    return clone


@pytest.fixture(params=[in_memory, in_a_bare_repository, in_clones])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    make: Callable[[Path], Open] = request.param
    return make(tmp_path)


def test_store__is_found_by_all(opened: Open) -> None:
    one, other = opened(NOW), opened(NOW)
    place = one.place("digits", "0a1b2c", "confusion")
    assert place == "2030-01/digits/0a1b2c/confusion.png"
    assert not one.has(place)
    one.store({place: b"\x89PNG\0"}, message="Draw")
    assert one.has(place)
    assert other.has(place)


def test_store__keeps_what_is_there(opened: Open) -> None:
    for name in ("confusion", "calibration", "confusion"):
        branch = opened(NOW)
        branch.store({branch.place("digits", "0a1b2c", name): name.encode()}, message="Draw")
    last = opened(NOW)
    for name in ("confusion", "calibration"):
        assert last.has(last.place("digits", "0a1b2c", name))


def test_store__removes_expired_months(opened: Open) -> None:
    places = {}
    for month in ("2030-01", "2030-02", "2030-05"):
        branch = opened(f"{month}-15T00:00:00Z")
        places[month] = branch.place("digits", "0a1b2c", "confusion")
        branch.store({places[month]: b"png"}, message="Draw")
    last = opened(NOW)
    stored = {month: last.has(path) for month, path in places.items()}
    assert stored == {"2030-01": False, "2030-02": True, "2030-05": True}


def test_store__of_nothing_new(opened: Open) -> None:
    opened(NOW).store({}, message="Draw")


def test_path__is_checked(opened: Open) -> None:
    for path in ("../x.png", "pictures/digits/0a1b2c/x.png", "2030-01/digits/0a1b2c/x.exe"):
        with pytest.raises(errors.CannotResolve):
            opened(NOW).has(path)
        with pytest.raises(errors.CannotResolve):
            opened(NOW).store({path: b""}, message="Draw")


def test_branch__has_one_commit(tmp_path: Path) -> None:
    make = in_clones(tmp_path)
    for name in ("one", "two", "three"):
        branch = make(NOW)
        branch.store(
            {branch.place("digits", "0a1b2c", name): name.encode()}, message=f"Draw {name}"
        )
    origin = tmp_path / "origin.git"
    assert run(origin, "log", "--format=%s", BRANCH) == "Draw three"
    shown = run(origin, "show", f"{BRANCH}:2030-01/digits/0a1b2c/one.png")
    assert shown == "one"


def test_store__many_at_once_and_none_is_lost(tmp_path: Path) -> None:
    make = in_clones(tmp_path)
    branches = [make(NOW) for _ in range(4)]

    def write(worker: int) -> None:
        for number in range(3):
            branch = branches[worker]
            place = branch.place("digits", "0a1b2c", f"{worker}-{number}")
            branch.store({place: b"png"}, message="Draw")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    names = run(tmp_path / "origin.git", "ls-tree", "-r", "--name-only", BRANCH).splitlines()
    assert len(names) == 12


@pytest.mark.parametrize("others", [2, 20])
def test_store__sends_the_new_picture_alone(tmp_path: Path, others: int) -> None:
    branch = in_clones(tmp_path)(NOW)
    origin = tmp_path / "origin.git"
    run(origin, "config", "receive.unpackLimit", "1")
    stored = {branch.place("digits", "0a1b2c", f"{n}"): b"png %d" % n for n in range(others)}
    branch.store(stored, message="Draw")
    before = set(origin.glob("objects/pack/*.idx"))
    branch.store({branch.place("digits", "0a1b2c", "new"): b"new"}, message="Draw")
    (pack,) = set(origin.glob("objects/pack/*.idx")) - before
    # The commit, four folders and the picture; a thin pack is completed with what it refers to.
    assert 6 <= len(run(origin, "show-index", stdin=pack).splitlines()) <= 10


def test_store__fetches_no_picture_into_a_clone_without_files(tmp_path: Path) -> None:
    make = in_clones(tmp_path)
    first, partial = make(NOW), make(NOW)
    for name in ("one", "two"):
        first.store({first.place("digits", "0a1b2c", name): name.encode()}, message="Draw")
    partial.store({partial.place("digits", "0a1b2c", "three"): b"three"}, message="Draw")
    read = ("rev-list", "--objects", "--missing=print", "refs/interlock/interlock-pictures")
    assert run(tmp_path / "clone-1", *read).count("?") == 2


def test_store__in_a_repository_that_refuses(tmp_path: Path) -> None:
    make = in_clones(tmp_path)
    hook = tmp_path / "origin.git" / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    branch = make(NOW)
    with pytest.raises(errors.CannotReachGit):
        branch.store({branch.place("digits", "0a1b2c", "one"): b"png"}, message="Draw")
