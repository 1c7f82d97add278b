"""The Git adapter on real repositories: reading from objects, refs by compare-and-swap."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from interlock import errors
from interlock.adapters import git
from interlock.ports.git import OURS


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), "-c", "user.name=octocat", "-c", "user.email=o@x", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with one commit of every kind of entry, pushed to a bare origin."""
    run(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "origin.git")
    folder = tmp_path / "clone"
    run(tmp_path, "clone", "--quiet", "origin.git", "clone")
    (folder / "a").mkdir()
    (folder / "a" / "naïve name.txt").write_text("one\n")
    (folder / "big.bin").write_bytes(b"\0\n" * 200_000)
    (folder / "link").symlink_to("a")
    run(folder, "add", "--all")
    run(folder, "commit", "--quiet", "--message", "First")
    run(folder, "push", "--quiet", "origin", "HEAD:main")
    return folder


def test_tree__bare_repository_gives_every_path_and_content(clone: Path) -> None:
    tree = git.open_repository(clone.parent / "origin.git").tree("main")
    assert set(tree.entries) == {"a", "a/naïve name.txt", "big.bin", "link"}
    assert tree.entries["link"].mode == "120000"
    assert tree.read("a/naïve name.txt") == b"one\n"
    assert tree.read("link") == b"a"
    assert tree.read("a") is None
    assert tree.read("absent") is None
    assert tree.children("") == ("a", "big.bin", "link")
    assert tree.children("a/") == ("a/naïve name.txt",)


def test_tree__thousands_of_blobs_in_one_request(clone: Path) -> None:
    for number in range(2500):
        (clone / "a" / f"{number}.txt").write_text("x" * number)
    run(clone, "add", "--all")
    run(clone, "commit", "--quiet", "--message", "Many")
    tree = git.open_repository(clone).tree("HEAD")
    content = tree.read_many(f"a/{number}.txt" for number in range(2500))
    assert [len(content[f"a/{number}.txt"]) for number in range(2500)] == list(range(2500))


@pytest.mark.parametrize("revision", ["nope", "--help", "-x", "HEAD:big.bin", "", "a b"])
def test_resolve__what_is_no_commit_is_refused_with_a_hint(clone: Path, revision: str) -> None:
    with pytest.raises(errors.CannotResolve, match="hint"):
        git.open_repository(clone).resolve(revision)


def test_open__no_repository_and_no_folder(tmp_path: Path) -> None:
    with pytest.raises(errors.CannotResolve, match="--repo"):
        git.open_repository(tmp_path)
    with pytest.raises(errors.CannotResolve, match="not a folder"):
        git.open_repository(tmp_path / "absent")


def test_commit__adds_without_touching_the_checkout(clone: Path) -> None:
    repository = git.open_repository(clone)
    parent = repository.resolve("HEAD")
    commit = repository.commit(parent, {"b/new.txt": b"new"}, message="Add new")
    assert repository.parents(commit) == (parent,)
    assert repository.tree(commit).read("b/new.txt") == b"new"
    assert repository.tree(commit).read("link") == b"a"
    assert run(clone, "status", "--porcelain") == ""
    assert repository.resolve("HEAD") == parent


@pytest.mark.parametrize("place", ["clone", "origin.git"])
def test_push__second_of_two_rivals_loses(clone: Path, place: str) -> None:
    repository = git.open_repository(clone.parent / place)
    first = repository.commit(None, {"1": b"1"}, message="1")
    rival = repository.commit(None, {"2": b"2"}, message="2")
    ref = "refs/heads/ledger"
    assert repository.push(first, ref, expected=None)
    assert not repository.push(rival, ref, expected=None)
    after = repository.commit(first, {"3": b"3"}, message="3")
    late = repository.commit(first, {"4": b"4"}, message="4")
    assert repository.push(after, ref, expected=first)
    assert not repository.push(late, ref, expected=first)
    assert git.open_repository(clone.parent / "origin.git").find_ref(ref) == after


def test_push__refusal_that_is_no_race_is_an_error(clone: Path) -> None:
    hook = clone.parent / "origin.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho protected branch >&2\nexit 1\n")
    hook.chmod(0o755)
    repository = git.open_repository(clone)
    commit = repository.commit(None, {"1": b"1"}, message="1")
    with pytest.raises(errors.CannotReachGit, match=r"protected branch|hook declined"):
        repository.push(commit, "refs/heads/ledger", expected=None)


def test_fetch__does_not_read_what_a_change_says_of_submodules(clone: Path) -> None:
    (clone / ".gitmodules").write_text('[submodule "x"]\n\tpath = x\n\tupdate = !touch canary\n')
    with pytest.raises(subprocess.CalledProcessError):
        run(clone, "fetch", "origin")
    assert git.open_repository(clone).fetch("+refs/heads/main:refs/remotes/origin/main")
    assert not (clone / "canary").exists()


def test_fetch__absent_ref_is_a_value_and_absent_remote_an_error(clone: Path) -> None:
    repository = git.open_repository(clone)
    assert repository.fetch("refs/heads/main:refs/remotes/origin/main")
    assert not repository.fetch("refs/heads/absent")
    run(clone, "remote", "set-url", "origin", str(clone.parent / "gone.git"))
    with pytest.raises(errors.CannotReachGit):
        git.open_repository(clone).fetch("refs/heads/main")
    assert not git.open_repository(clone.parent / "origin.git").fetch("refs/heads/main")


def test_position__counts_first_parents_and_refuses_a_shallow_clone(clone: Path) -> None:
    run(clone, "switch", "--quiet", "--create", "side")
    for subject in ("s1", "s2"):
        run(clone, "commit", "--quiet", "--allow-empty", "--message", subject)
    run(clone, "switch", "--quiet", "-")
    run(clone, "merge", "--quiet", "--no-ff", "side", "--message", "Merge side")
    run(clone, "push", "--quiet", "origin", "HEAD:main")
    assert git.open_repository(clone).position("HEAD") == 2
    shallow = clone.parent / "shallow"
    origin = (clone.parent / "origin.git").as_uri()
    run(clone.parent, "clone", "--quiet", "--depth=1", origin, str(shallow))
    with pytest.raises(errors.CannotReachGit, match="fetch-depth: 2147483647"):
        git.open_repository(shallow).position("HEAD")


def test_worktree__is_removed_and_leaves_the_checkout_clean(clone: Path) -> None:
    repository = git.open_repository(clone)
    with repository.worktree("HEAD") as folder:
        assert (folder / "link").is_symlink()
        (folder / "scratch").write_text("x")
    assert not folder.exists()
    assert run(clone, "worktree", "list").count("\n") == 0
    assert run(clone, "status", "--porcelain") == ""


def test_objects__replacement_does_not_fool_the_reader(clone: Path) -> None:
    blob = run(clone, "rev-parse", "HEAD:a/naïve name.txt")
    other = subprocess.run(
        ["git", "-C", str(clone), "hash-object", "-w", "--stdin"],
        input=b"forged\n",
        capture_output=True,
        check=True,
        env=os.environ,
    ).stdout.decode()
    run(clone, "replace", blob, other.strip())
    assert git.open_repository(clone).tree("HEAD").read("a/naïve name.txt") == b"one\n"


def test_worktree__many_at_once_do_not_see_one_another_half_made(clone: Path) -> None:
    def visit(_: int) -> bool:
        with git.open_repository(clone).worktree("HEAD") as folder:
            return (folder / "big.bin").is_file()

    with ThreadPoolExecutor(6) as visitors:
        assert all(visitors.map(visit, range(24)))


def test_writers__of_what_a_branch_has_more(clone: Path) -> None:
    repository = git.open_repository(clone)
    main = repository.resolve("HEAD")
    assert repository.writers("HEAD", since=main) == frozenset()
    ours = repository.commit(main, {"a.txt": b"ours\n"}, message="Ours")
    assert repository.writers(ours, since=main) == {OURS}
    run(clone, "checkout", "--quiet", ours)
    run(clone, "commit", "--quiet", "--allow-empty", "--message", "Theirs")
    assert repository.writers("HEAD", since=main) == {OURS, "o@x"}


def test_merges__unless_both_changed_the_same_lines(clone: Path) -> None:
    repository = git.open_repository(clone)
    main = repository.resolve("HEAD")
    one = repository.commit(main, {"params.yaml": b"c: 1\n"}, message="One")
    same = repository.commit(main, {"params.yaml": b"c: 2\n"}, message="Same file")
    other = repository.commit(main, {"other.yaml": b"c: 2\n"}, message="Another file")
    assert repository.merges(one, other)
    assert repository.merges(main, one)
    assert not repository.merges(one, same)


def test_commit__without_a_parent_over_the_files_of_another(clone: Path) -> None:
    repository = git.open_repository(clone)
    first = repository.resolve("HEAD")
    files = {"a/new": b"x", 'a/odd "name\\\n': b"", "big.bin": b"small"}
    removed = ["a/naïve name.txt"]
    commit = repository.commit(None, files, message="Äll\n", over=first, removed=removed)
    tree = repository.tree(commit)
    paths = [path for path, entry in tree.entries.items() if entry.mode != "040000"]
    assert {path: tree.read(path) for path in paths} == {**files, "link": b"a"}
    assert repository.parents(commit) == ()
    assert run(clone, "log", "-1", "--format=%B", commit) == "Äll"
    emptied = repository.commit(commit, {}, message="less", removed=["a", "absent"])
    assert set(repository.tree(emptied).entries) == {"big.bin", "link"}
    assert repository.parents(emptied) == (commit,)
    refs = run(clone, "for-each-ref", "--format=%(refname)").split()
    assert not [ref for ref in refs if "interlock" in ref]


def test_commit__takes_as_many_processes_for_many_files_as_for_one(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = run(clone, "rev-parse", "HEAD")
    counts = []
    for number in (1, 20):
        repository = git.open_repository(clone)
        trace = tmp_path / f"trace-{number}"
        monkeypatch.setenv("GIT_TRACE", str(trace))
        files = {f"new/{number}/{each}/x": b"%d" % each for each in range(number)}
        repository.commit(head, files, message="Add")
        counts.append(trace.read_text().count("built-in: git"))
    assert counts[0] == counts[1] <= 2
