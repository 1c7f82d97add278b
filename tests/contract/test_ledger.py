"""What every ledger keeps, in memory or in Git: nothing is lost, nothing replaced."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from interlock import errors
from interlock.adapters import git
from interlock.adapters.ledger import GitLedger
from interlock.ports.ledger import Ledger
from interlock.ports.provenance import LedgerProvenance
from tests.fakes import issuer
from tests.fakes.ledger import FakeLedger, Origin

RECORD = {"schema": "interlock/evidence/v1", "metrics": {"f1_macro": 0.95}}
PATH = "evidence/digits/0a1b2c3d.json"
OTHER = "evidence/digits/4e5f6a7b.json"

Open = Callable[[], Ledger]
Provenance = Callable[[], LedgerProvenance | None]


def in_memory(_: Path, provenance: Provenance) -> Open:
    origin = Origin()
    return lambda: FakeLedger(origin, provenance=provenance())


def open_git(place: Path, provenance: Provenance) -> GitLedger:
    repository = git.open_repository(place)
    return GitLedger(repository, pause=lambda _: None, provenance=provenance)


def in_a_bare_repository(folder: Path, provenance: Provenance) -> Open:
    run(folder, "init", "--quiet", "--bare", "origin.git")
    return lambda: open_git(folder / "origin.git", provenance)


def in_a_checkout(folder: Path, provenance: Provenance) -> Open:
    run(folder, "init", "--quiet", "checkout")
    return lambda: open_git(folder / "checkout", provenance)


def in_clones(folder: Path, provenance: Provenance) -> Open:
    """Every ledger in a clone of its own; some of them fetch nothing but main by themselves."""
    run(folder, "init", "--quiet", "--bare", "origin.git")
    count = iter(range(100))

    def clone() -> Ledger:
        number = next(count)
        run(folder, "clone", "--quiet", "origin.git", f"clone-{number}")
        repository = folder / f"clone-{number}"
        if number % 2:
            narrow = "+refs/heads/main:refs/remotes/origin/main"
            run(repository, "config", "remote.origin.fetch", narrow)
        ledger = open_git(repository, provenance)
        ledger.refresh()
        return ledger

    return clone


def in_partial_clones(folder: Path, provenance: Provenance) -> Open:
    """Every ledger in a clone of its own, without old files and old commits."""
    run(folder, "init", "--quiet", "--bare", "origin.git")
    run(folder / "origin.git", "config", "uploadpack.allowFilter", "true")
    count = iter(range(100))

    def clone() -> Ledger:
        name, source = f"clone-{next(count)}", (folder / "origin.git").as_uri()
        narrow = ("--filter=blob:none", "--single-branch")
        run(folder, "clone", "--quiet", *narrow, source, name)
        ledger = open_git(folder / name, provenance)
        ledger.refresh()
        return ledger

    return clone


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


PLACES = [in_memory, in_a_bare_repository, in_a_checkout, in_clones, in_partial_clones]


def plain() -> None:
    """Records need no attestation."""


def attested() -> LedgerProvenance:
    return issuer.provenance("evaluate")


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Provenance], Open]:
    make: Callable[[Path, Provenance], Open] = request.param
    return lambda provenance: make(tmp_path, provenance)


@pytest.fixture(params=[plain, attested])
def opened(request: pytest.FixtureRequest, place: Callable[[Provenance], Open]) -> Open:
    return place(request.param)


@pytest.fixture
def unattested(place: Callable[[Provenance], Open]) -> Open:
    return place(plain)


def test_ledger__new_is_empty(opened: Open) -> None:
    ledger = opened()
    assert ledger.head is None
    assert ledger.read(PATH) is None
    assert ledger.read_bytes(PATH) is None
    assert ledger.list("evidence") == ()


def test_append__is_read_by_everybody(opened: Open) -> None:
    one, other = opened(), opened()
    assert one.append({PATH: RECORD}, message="Evidence of digits")
    other.refresh()
    for ledger in (one, other):
        assert ledger.read(PATH) == RECORD
        assert ledger.list("evidence/digits") == (PATH,)
    assert one.head == other.head is not None


def test_append__names_the_commit_it_was_written_over(opened: Open) -> None:
    ledger = opened()
    ledger.append({PATH: RECORD}, message="first")
    first = ledger.head
    ledger.append({OTHER: RECORD}, message="second")
    assert json.loads(ledger.read_bytes(PATH) or b"")["previous"] is None
    assert json.loads(ledger.read_bytes(OTHER) or b"")["previous"] == first


def test_earlier__in_the_commit_over_which_a_record_was_written(opened: Open) -> None:
    one, other = opened(), opened()
    third = "evidence/digits/8c9d.json"
    paths = (PATH, OTHER, third, "evidence/digits/ffff.json")
    one.append({PATH: RECORD}, message="first")
    other.append({OTHER: RECORD, third: RECORD}, message="second")
    one.append({"holds/digits/00000001.json": RECORD}, message="third")
    assert one.earlier({}) == {}
    assert one.earlier(
        {PATH: paths, OTHER: paths, "holds/digits/00000001.json": (third, PATH)}
    ) == {
        PATH: frozenset(),
        OTHER: {PATH},
        "holds/digits/00000001.json": {third, PATH},
    }


def test_append__the_same_again_adds_nothing(opened: Open) -> None:
    ledger = opened()
    ledger.append({PATH: RECORD}, message="first")
    head = ledger.head
    assert not ledger.append({PATH: RECORD}, message="again")
    assert not opened().append({PATH: dict(reversed(RECORD.items()))}, message="again")
    ledger.refresh()
    assert ledger.head == head


def test_append__only_what_is_new(opened: Open) -> None:
    ledger = opened()
    ledger.append({PATH: RECORD}, message="first")
    before = ledger.read_bytes(PATH)
    assert ledger.append({PATH: RECORD, OTHER: RECORD}, message="second")
    assert ledger.read_bytes(PATH) == before
    assert ledger.list("evidence/digits") == (PATH, OTHER)


def test_append__another_content_is_refused_and_nothing_is_added(opened: Open) -> None:
    ledger = opened()
    ledger.append({PATH: RECORD}, message="first")
    head = ledger.head
    with pytest.raises(errors.LedgerBroken):
        ledger.append({PATH: {**RECORD, "metrics": {}}, OTHER: RECORD}, message="second")
    ledger.refresh()
    assert ledger.head == head
    assert ledger.read(OTHER) is None


def test_append__somebody_else_was_first(opened: Open) -> None:
    one, other = opened(), opened()
    one.append({PATH: RECORD}, message="first")
    assert other.append({OTHER: RECORD}, message="second")
    assert other.read(PATH) == RECORD
    one.refresh()
    assert one.list("evidence/digits") == (PATH, OTHER)


def test_append__somebody_else_was_first_with_the_same(opened: Open) -> None:
    one, other = opened(), opened()
    one.append({PATH: RECORD}, message="first")
    assert not other.append({PATH: RECORD}, message="second")
    assert other.head == one.head


def plant(ledger: Ledger, files: Mapping[str, bytes]) -> None:
    """Add files of an earlier version, which this one does not write any more."""
    if isinstance(ledger, FakeLedger):
        ledger.plant(files)
    else:
        assert isinstance(ledger, GitLedger)
        assert ledger._push(files, "Manually")


def test_read_bytes__a_picture_of_an_earlier_version(unattested: Open) -> None:
    ledger = unattested()
    picture = "pictures/digits/0a1b2c3d/confusion.png"
    plant(ledger, {picture: b"\x89PNG\0"})
    assert ledger.read_bytes(picture) == b"\x89PNG\0"
    assert ledger.list("pictures") == ()


def test_append__numbers_are_the_same_after_json(opened: Open) -> None:
    ledger = opened()
    record = {**RECORD, "tuple": (1, 2), "number": 0.1 + 0.2}
    ledger.append({PATH: record}, message="first")
    assert not ledger.append({PATH: record}, message="again")


def test_append__nan_is_refused(opened: Open) -> None:
    with pytest.raises(ValueError, match="JSON"):
        opened().append({PATH: {"metric": float("nan")}}, message="first")


def test_list__a_folder_and_not_what_its_name_begins(opened: Open) -> None:
    ledger = opened()
    paths = ["evidence/digits/aaaa.json", "evidence/digits-2/bbbb.json", "evidence/dig/cccc.json"]
    ledger.append(dict.fromkeys(paths, RECORD), message="first")
    assert ledger.list("evidence/digits") == ("evidence/digits/aaaa.json",)
    assert ledger.list("evidence/digits/") == ("evidence/digits/aaaa.json",)
    assert ledger.list("evidence") == tuple(sorted(paths))
    assert ledger.list("evidence/di") == ()


def test_children__are_the_names_of_one_folder(opened: Open) -> None:
    ledger = opened()
    assert ledger.children("drift/digits") == ()
    names = ["digits/2030/b.json", "digits/2030/a.json", "digits/2029-x/c.json", "digits/a.json"]
    ledger.append({f"drift/{name}": RECORD for name in names}, message="first")
    for folder in ("drift/digits", "drift/digits/"):
        assert ledger.children(folder) == ("2029-x", "2030", "a.json")
    assert ledger.children("drift") == ("digits",)
    assert ledger.children("drift/digits/2030") == ("a.json", "b.json")
    assert ledger.children("drift/dig") == ()


def test_read_many__those_that_exist(opened: Open) -> None:
    ledger = opened()
    assert ledger.read_many([PATH]) == {}
    ledger.append({PATH: RECORD, OTHER: {**RECORD, "metrics": {}}}, message="first")
    wanted = (path for path in (OTHER, PATH, "evidence/digits/8c9d.json", OTHER))
    assert ledger.read_many(wanted) == {PATH: RECORD, OTHER: {**RECORD, "metrics": {}}}
    assert ledger.read_many([]) == {}
    with pytest.raises(errors.CannotResolve):
        ledger.read_many([PATH, "../etc/passwd.json"])


UNSAFE = [
    "../etc/passwd.json",
    "evidence/../digits/a.json",
    "evidence/digits/../../x.json",
    "/evidence/digits/a.json",
    "evidence//a.json",
    "evidence/Digits/a.json",
    "evidence/digits/.git.json",
    "evidence/digits/-rf.json",
    "evidence/digits/a.txt",
    "evidence/digits/a\n.json",
    "evidence/digits/a b.json",
    ".github/workflows/x.json",
    "evidence/digits",
    "",
]


def test_paths__that_leave_the_ledger_are_refused(opened: Open) -> None:
    ledger = opened()
    for path in UNSAFE:
        for act in (ledger.read, ledger.read_bytes):
            with pytest.raises(errors.CannotResolve):
                act(path)
        with pytest.raises(errors.CannotResolve):
            ledger.append({OTHER: RECORD, path: RECORD}, message="first")
    assert ledger.head is None


def test_extend__over_the_head_that_was_read(opened: Open) -> None:
    ledger = opened()
    assert ledger.extend({PATH: RECORD}, message="First")
    assert ledger.extend({OTHER: RECORD}, message="Second")
    assert opened().list("evidence") == (PATH, OTHER)


def test_extend__somebody_else_was_first(opened: Open) -> None:
    ledger, rival = opened(), opened()
    rival.append({PATH: RECORD}, message="First")
    assert not ledger.extend({OTHER: RECORD}, message="Second")
    # Read anew, so that it can be decided anew.
    assert ledger.read(PATH) == RECORD
    assert ledger.read(OTHER) is None
    assert ledger.extend({OTHER: RECORD}, message="Second")
    assert opened().list("evidence") == (PATH, OTHER)


def test_added__no_picture(unattested: Open) -> None:
    ledger = unattested()
    ledger.append({PATH: RECORD}, message="Evidence")
    plant(ledger, {"pictures/digits/0a1b2c3d/drift.png": b"png"})
    assert ledger.added(since="1970-01-02T00:00:00+00:00") == (PATH,)


def test_added__since_a_moment(opened: Open) -> None:
    ledger = opened()
    assert ledger.added(since="1970-01-02T00:00:00+00:00") == ()
    ledger.append({OTHER: RECORD}, message="Evidence")
    ledger.append({PATH: RECORD}, message="Evidence")
    assert ledger.added(since="1970-01-02T00:00:00+00:00") == (PATH, OTHER)
    assert ledger.added(since="2099-01-01T00:00:00+00:00") == ()
