"""The git processes of an open repository: few for many questions and many writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock import errors
from interlock.adapters import git
from interlock.adapters.git import GitRepository
from interlock.adapters.ledger import GitLedger
from tests import git_processes
from tests.integration.test_fetch_branches import commit, run

MAIN = "+refs/heads/main:refs/remotes/origin/main"
OTHER = "+refs/heads/other:refs/remotes/origin/other"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clone of an origin with main and, three commits further, `other`."""
    run(tmp_path, "init", "--quiet", "--initial-branch=main", "origin")
    commit(tmp_path / "origin", "main")
    for _ in range(3):
        commit(tmp_path / "origin", "other")
    run(tmp_path, "clone", "--quiet", (tmp_path / "origin").as_uri(), "clone")
    return tmp_path


def verbs(lines: list[str]) -> list[str]:
    """The verbs of the adapter's processes, without those of its origin."""
    words = (line.split() for line in lines if "core.hooksPath" in line)
    return [next(w for w in line[2:] if not w.startswith("-") and "=" not in w) for line in words]


def ask(repository: GitRepository, old: str, new: str) -> None:
    assert repository.merge_base(old, new) == old
    assert repository.is_ancestor(old, new)
    assert len(repository.commits(new, since=old)) == 3
    assert repository.outside([old], of=new) == frozenset()
    assert len(repository.parents(new)) == 1
    assert repository.identity != "nobody"
    assert not repository.is_ancestor(new, old)
    assert repository.position(new) == 4
    assert repository.merge_base(new, old) == old


@pytest.mark.parametrize("times", [1, 10])
def test_questions__about_ids_start_the_same_processes_any_number_of_times(
    folder: Path, times: int
) -> None:
    repository = git.open_repository(folder / "clone")
    with git_processes.counted(folder) as lines:
        for _ in range(times):
            ask(repository, repository.resolve("main"), repository.resolve("other"))
    once = ["cat-file", "config", "merge-base", "merge-base", "rev-list"]
    assert sorted(verbs(lines)) == once


def test_line__that_is_longer_than_near_is_left_to_a_process(folder: Path) -> None:
    for _ in range(70):
        commit(folder / "origin", "other")
    run(folder / "clone", "fetch", "--quiet")
    repository = git.open_repository(folder / "clone")
    old, new = repository.resolve("main"), repository.resolve("origin/other")
    assert repository.is_ancestor(old, new)
    assert repository.merge_base(old, new) == old
    assert len(repository.commits(new, since=old)) == 73
    assert repository.outside([old], of=new) == frozenset()


def test_answer__of_a_shallow_clone_follows_its_history(folder: Path) -> None:
    run(folder / "clone", "fetch", "--quiet", "--depth=1", "origin", MAIN, OTHER)
    repository = git.open_repository(folder / "clone")
    old, new = repository.resolve("origin/main"), repository.resolve("origin/other")
    assert repository.parents(new) == ()
    assert len(repository.log(new)) == 1
    with pytest.raises(Exception, match="shallow"):
        repository.is_ancestor(old, new)
    run(folder / "clone", "fetch", "--quiet", "--unshallow")
    assert repository.is_ancestor(old, new)
    assert len(repository.parents(new)) == 1
    assert len(repository.log(new)) == 4


def test_fetch_along__brings_two_refs_by_one_process_once(folder: Path) -> None:
    repository = git.open_repository(folder / "clone")
    old = commit(folder / "origin", "other")
    with git_processes.counted(folder) as lines:
        repository.fetch_along(OTHER)
        assert repository.fetch(MAIN)
        new = commit(folder / "origin", "other")
        assert repository.fetch(OTHER)
        assert repository.find_ref("refs/remotes/origin/other") == old
    assert verbs(lines).count("fetch") == 1
    assert repository.fetch(OTHER)
    assert repository.find_ref("refs/remotes/origin/other") == new


def test_fetch_along__is_no_answer_after_another_fetch(folder: Path) -> None:
    repository = git.open_repository(folder / "clone")
    repository.fetch_along(OTHER)
    repository.fetch(MAIN)
    new = commit(folder / "origin", "other")
    repository.fetch(MAIN)
    repository.fetch(OTHER)
    assert repository.find_ref("refs/remotes/origin/other") == new


def test_fetch_along__of_a_ref_that_is_missing_stops_no_other(folder: Path) -> None:
    repository = git.open_repository(folder / "clone")
    missing = "refs/heads/missing:refs/remotes/origin/missing"
    for along, wanted in ((missing, MAIN), (OTHER, missing)):
        repository.fetch_along(along)
        assert repository.fetch(wanted) is (wanted == MAIN)
        assert repository.fetch(along) is (along == OTHER)


@pytest.mark.parametrize("times", [1, 10])
def test_append__starts_one_process_for_all_commits_and_one_for_all_refs(
    folder: Path, times: int
) -> None:
    with git_processes.counted(folder) as lines:
        ledger = GitLedger(git.open_repository(folder / "clone"))
        for number in range(times):
            ledger.append({f"evidence/digits/{number}.json": {"schema": "x"}}, message="add")
    known = verbs(lines)
    assert (known.count("push"), known.count("fetch")) == (times, 0)
    assert (known.count("fast-import"), known.count("update-ref")) == (1, 1)
    assert run(folder / "clone", "rev-parse", "refs/interlock/interlock-ledger") == ledger.head


def test_fetch__starts_no_maintenance(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = git.open_repository(folder / "clone")
    commit(folder / "origin", "other")
    monkeypatch.setenv("GIT_TRACE", str(folder / "trace"))
    assert repository.fetch(OTHER)
    trace = (folder / "trace").read_text()
    assert "fetch" in trace
    assert "maintenance" not in trace.replace("maintenance.auto", "")


def test_commit__that_git_refuses_is_explained_and_stops_no_later_one(folder: Path) -> None:
    repository = git.open_repository(folder / "clone")
    commit_id = repository.commit(None, {"one": b"1"}, message="one")
    with pytest.raises(errors.CannotReachGit, match="fast-import failed: Not a valid commit"):
        repository.commit("1" * 40, {"two": b"2"}, message="two")
    later = repository.commit(commit_id, {"two": b"2"}, message="two")
    assert repository.tree(later).read_many(["one", "two"]) == {"one": b"1", "two": b"2"}
    assert repository.parents(later) == (commit_id,)


def test_commit__of_an_object_that_came_later_is_found(folder: Path) -> None:
    repository = git.open_repository(folder / "clone")
    repository.commit(None, {"one": b"1"}, message="one")
    new = commit(folder / "origin", "other")
    repository.fetch(OTHER)
    assert repository.parents(repository.commit(new, {"two": b"2"}, message="two")) == (new,)


def test_commit__leaves_no_part_of_a_pack(folder: Path) -> None:
    repository = git.open_repository(folder / "clone")
    repository.commit(None, {"one": b"1"}, message="one")
    del repository
    assert list((folder / "clone" / ".git" / "objects" / "pack").glob("tmp_*")) == []


def test_move__that_lost_stops_no_later_one(folder: Path) -> None:
    repository = git.open_repository(folder / "clone")
    old, new = repository.resolve("main"), repository.resolve("origin/other")
    ref = "refs/interlock/test"
    assert not repository.move(ref, new, expected=old)
    assert repository.move(ref, old, expected=None)
    assert not repository.move(ref, new, expected=None)
    assert repository.move(ref, new, expected=old)
    assert repository.find_ref(ref) == new


@pytest.mark.parametrize("ref", ["refs/heads/a b", "refs/heads/a {}\nupdate refs/heads/b"])
def test_move__of_a_name_that_is_none_writes_nothing(folder: Path, ref: str) -> None:
    repository = git.open_repository(folder / "clone")
    commit_id = repository.resolve("main")
    with pytest.raises(errors.CannotReachGit, match="update-ref failed"):
        repository.move(ref.format(commit_id), commit_id, expected=None)
    assert repository.find_ref("refs/heads/b") is None
