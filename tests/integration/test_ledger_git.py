"""The ledger in Git when the world is unkind: races, rewritten branches, refused pushes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from interlock import errors
from interlock.adapters import git
from interlock.adapters.ledger import GitLedger
from interlock.ports.git import Repository

BRANCH = "refs/heads/interlock-ledger"


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def open_clone(folder: Path, name: str) -> GitLedger:
    if not (folder / name).exists():
        run(folder, "clone", "--quiet", "origin.git", name)
    return GitLedger(git.open_repository(folder / name), pause=lambda _: None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run(tmp_path, "init", "--quiet", "--bare", "origin.git")
    return tmp_path


def record(number: int) -> dict[str, dict[str, Any]]:
    return {f"evidence/digits/{number:04d}.json": {"schema": "x", "number": number}}


@pytest.mark.parametrize("clones", ["apart", "shared", "partial"])
def test_append__many_at_once_and_none_is_lost(folder: Path, clones: str) -> None:
    """From clones of their own, and from one clone that several processes share."""
    names = ["one", "two", "three", "four"] if clones == "apart" else ["one"] * 4
    if clones == "partial":
        run(folder / "origin.git", "config", "uploadpack.allowFilter", "true")
        source = (folder / "origin.git").as_uri()
        run(folder, "clone", "--quiet", "--filter=blob:none", source, "one")
    for name in names:
        open_clone(folder, name)

    def write(worker: int) -> None:
        ledger = GitLedger(git.open_repository(folder / names[worker]))
        for number in range(5):
            assert ledger.append(record(10 * worker + number), message=f"{worker} {number}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    paths = run(folder / "origin.git", "ls-tree", "-r", "--name-only", BRANCH).splitlines()
    assert len(paths) == 20
    history = run(folder / "origin.git", "log", "--format=%H %P", "--reverse", BRANCH).splitlines()
    assert len(history) == 20
    for line in history:
        commit, _, parent = line.partition(" ")
        (added,) = run(
            folder / "origin.git", "show", "--format=", "--name-only", commit
        ).splitlines()
        document = json.loads(run(folder / "origin.git", "show", f"{commit}:{added}"))
        assert document["previous"] == (parent or None)


def test_append__a_ledger_that_others_keep_moving(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bounded: the pauses are counted, and the error says what to look at."""
    pauses: list[int] = []
    ledger = GitLedger(git.open_repository(folder / "origin.git"), pause=pauses.append)
    monkeypatch.setattr(git.GitRepository, "push", lambda *_, **__: False)
    with pytest.raises(errors.CannotReachGit, match="moved 40 times"):
        ledger.append(record(1), message="one")
    assert pauses == list(range(40))


def test_append__a_push_that_a_rule_refuses_is_not_tried_again(folder: Path) -> None:
    ledger = open_clone(folder, "one")
    hook = folder / "origin.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho protected >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(errors.CannotReachGit, match="push"):
        ledger.append(record(1), message="one")


def test_refresh__origin_is_out_of_reach(folder: Path) -> None:
    ledger = open_clone(folder, "one")
    ledger.append(record(1), message="one")
    head = ledger.head
    with gone(folder / "origin.git"):
        with pytest.raises(errors.CannotReachGit):
            ledger.refresh()
        with pytest.raises(errors.CannotReachGit):
            open_clone(folder, "one").append(record(2), message="two")
        # What was read last can still be read: a plan needs no network.
        assert open_clone(folder, "one").head == head


def test_refresh__never_reached_before(folder: Path) -> None:
    ledger = open_clone(folder, "one")
    with gone(folder / "origin.git"), pytest.raises(errors.CannotReachGit):
        ledger.refresh()


@contextmanager
def gone(path: Path) -> Iterator[None]:
    away = path.rename(path.with_name("away"))
    yield
    away.rename(path)


def test_refresh__history_was_rewritten(folder: Path) -> None:
    ledger = open_clone(folder, "one")
    ledger.append(record(1), message="one")
    ledger.append(record(2), message="two")
    before = ledger.head
    run(folder / "origin.git", "update-ref", BRANCH, f"{BRANCH}~1")
    with pytest.raises(errors.LedgerBroken, match=f"does not continue {str(before)[:12]}"):
        ledger.refresh()
    # A clone goes on remembering, whatever `git fetch` has done to its remote-tracking branch.
    run(folder / "one", "fetch", "--quiet")
    with pytest.raises(errors.LedgerBroken):
        open_clone(folder, "one").append(record(3), message="three")
    assert run(folder / "origin.git", "rev-list", "--count", BRANCH) == "1"
    # Somebody who never saw the longer one cannot know.
    other = open_clone(folder, "two")
    other.refresh()
    assert other.list("evidence") == ("evidence/digits/0001.json",)


class Racing:
    """A repository in which another process of the clone appends a record after each request.

    The first fetch fails, as it does if that process holds the lock of the ref.
    """

    def __init__(self, folder: Path) -> None:
        self._repository, self._other = git.open_repository(folder), open_clone(folder, ".")
        self.requests = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._repository, name)

    def fetch(self, *arguments: Any, **options: Any) -> bool:
        self.requests += 1
        if self.requests > 1:
            self._repository.fetch(*arguments, **options)
        self._other.append(record(10 + self.requests), message="other")
        if self.requests == 1:
            raise errors.CannotReachGit("cannot lock ref")
        return True


def test_refresh__another_process_of_the_clone_is_faster(folder: Path) -> None:
    open_clone(folder, "one").append(record(1), message="one")
    repository = Racing(folder / "one")
    GitLedger(cast(Repository, repository), pause=lambda _: None).refresh()
    assert repository.requests > 1


def test_ledger__what_git_fetch_has_brought_is_read_without_asking(folder: Path) -> None:
    ledger = open_clone(folder, "one")
    ledger.append(record(1), message="one")
    open_clone(folder, "two").append(record(2), message="two")
    run(folder / "one", "fetch", "--quiet")
    assert len(open_clone(folder, "one").list("evidence")) == 2
    assert len(open_clone(folder, "two").list("evidence")) == 2


def test_refresh__the_branch_was_deleted(folder: Path) -> None:
    ledger = open_clone(folder, "one")
    ledger.append(record(1), message="one")
    run(folder / "origin.git", "update-ref", "-d", BRANCH)
    with pytest.raises(errors.LedgerBroken, match="push it back"):
        ledger.refresh()


def test_ledger__leaves_the_checkout_alone(folder: Path) -> None:
    ledger = open_clone(folder, "one")
    ledger.append(record(1), message="one")
    ledger.refresh()
    assert run(folder / "one", "status", "--porcelain") == ""
    assert run(folder / "one", "for-each-ref", "--format=%(refname)").split() == [
        "refs/interlock/interlock-ledger",
        "refs/remotes/origin/interlock-ledger",
    ]


def test_read__what_is_no_json(folder: Path) -> None:
    origin = git.open_repository(folder / "origin.git")
    path = "evidence/digits/0001.json"
    for content in (b"{", b"[]", b"\xff"):
        commit = origin.commit(None, {path: content}, message="broken")
        run(folder / "origin.git", "update-ref", BRANCH, commit)
        with pytest.raises(errors.LedgerBroken, match=path):
            GitLedger(origin).read(path)


def test_ledger__in_another_branch(folder: Path) -> None:
    origin = git.open_repository(folder / "origin.git")
    GitLedger(origin, branch="audit").append(record(1), message="one")
    assert origin.find_ref("refs/heads/audit") is not None
    assert origin.find_ref(BRANCH) is None


def test_earlier__a_record_that_was_changed_later_was_not_there_before(folder: Path) -> None:
    origin = git.open_repository(folder / "origin.git")
    ledger = GitLedger(origin)
    ledger.append(record(1), message="one")
    ledger.append(record(2), message="two")
    (first,), (second,) = record(1), record(2)
    assert ledger.earlier({second: [first]}) == {second: {first}}
    changed = origin.commit(ledger.head, {first: b'{"previous": null}'}, message="change")
    run(folder / "origin.git", "update-ref", BRANCH, changed)
    assert GitLedger(origin).earlier({second: [first]}) == {second: frozenset()}


@pytest.mark.parametrize("previous", ["elsewhere", "--all", 7])
def test_earlier__over_a_commit_that_is_not_in_the_ledger(folder: Path, previous: object) -> None:
    origin = git.open_repository(folder / "origin.git")
    (first,) = record(1)
    head = origin.commit(None, {"evidence/digits/0000.json": b"{}"}, message="begin")
    aside = origin.commit(head, {first: b"{}"}, message="aside")
    named = aside if previous == "elsewhere" else previous
    intent = {"evidence/digits/0002.json": json.dumps({"previous": named}).encode()}
    head = origin.commit(head, {**intent, first: b"{}"}, message="forged")
    run(folder / "origin.git", "update-ref", BRANCH, head)
    with pytest.raises(errors.LedgerBroken, match="the commit before it"):
        GitLedger(origin).earlier({path: [first] for path in intent})
