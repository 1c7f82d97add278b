"""The history of a branch as a stream: every kind of change, in both directions."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from interlock import errors
from interlock.adapters import git
from interlock.ports.git import FileChange, HistoryCommit
from tests.integration.test_git import run

# What a user may have configured, and what would change the output of `git log`.
_SETTINGS = (
    ("diff.renames", "copies"),
    ("log.showRoot", "false"),
    ("log.showSignature", "true"),
    ("log.diffMerges", "off"),
    ("color.ui", "always"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run(tmp_path, "init", "--quiet", "--initial-branch=main", ".")
    for name, value in _SETTINGS:
        run(tmp_path, "config", name, value)
    return tmp_path


def commit(folder: Path, message: str, **files: str | None) -> str:
    for name, text in files.items():
        place = folder / name
        place.unlink() if text is None else place.write_text(text)
    run(folder, "add", "--all")
    run(folder, "commit", "--quiet", "--allow-empty", "--allow-empty-message", "-m", message)
    return run(folder, "rev-parse", "HEAD")


def history(folder: Path, **options: bool | str) -> list[HistoryCommit]:
    return list(git.open_repository(folder).history("main", **options))  # type: ignore[arg-type]


def kinds(logged: HistoryCommit) -> list[tuple[str, str]]:
    return [(change.kind, change.path) for change in logged.changes]


def test_history__every_kind_of_change(folder: Path) -> None:
    first = commit(folder, "First", a="one\n", b="two\n", kept="same\n")
    second = commit(folder, "", a="changed\n", b=None, moved="two\n")
    (folder / "kept").unlink()
    (folder / "kept").symlink_to("a")
    third = commit(folder, "An empty one follows")
    fourth = commit(folder, "Nothing: \N{SNOWMAN}")
    newest = history(folder)
    assert [each.id for each in newest] == [fourth, third, second, first]
    assert [each.parents for each in newest] == [(third,), (second,), (first,), ()]
    assert [each.subject for each in newest][:3] == [
        "Nothing: \N{SNOWMAN}",
        "An empty one follows",
        "",
    ]
    assert [kinds(each) for each in newest] == [
        [],
        [("T", "kept")],
        [("M", "a"), ("D", "b"), ("A", "moved")],
        [("A", "a"), ("A", "b"), ("A", "kept")],
    ]
    moved = run(folder, "rev-parse", "main:moved")
    assert newest[2].changes[2] == FileChange("A", "moved", "100644", moved, "0" * 40)


def test_history__from_the_oldest_and_after_a_commit(folder: Path) -> None:
    ids = [commit(folder, str(number), a=f"{number}\n") for number in range(5)]
    assert [each.id for each in history(folder, oldest_first=True)] == ids
    assert [each.id for each in history(folder, since=ids[2], oldest_first=True)] == ids[3:]
    assert history(folder, since=ids[-1]) == []


def test_history__a_merge_has_the_changes_to_its_first_parent(folder: Path) -> None:
    commit(folder, "Root", a="1\n")
    run(folder, "checkout", "--quiet", "-b", "side")
    side = commit(folder, "Side", b="2\n")
    run(folder, "checkout", "--quiet", "main")
    main = commit(folder, "Main", c="3\n")
    run(folder, "merge", "--quiet", "--no-ff", "-m", "Merge", "side")
    merge, second, _ = history(folder)
    assert (merge.parents, kinds(merge)) == ((main, side), [("A", "b")])
    assert second.id == main


def test_history__paths_and_subjects_may_be_any_bytes(folder: Path) -> None:
    name = os.fsdecode(b"\xff:\n0")
    (folder / name).write_text("x")
    commit(folder, "::error title")
    (only,) = history(folder)
    assert (only.subject, kinds(only)) == ("::error title", [("A", name)])


def test_history__a_submodule_is_a_change(folder: Path) -> None:
    commit(folder, "Root", a="1\n")
    run(folder, "update-index", "--add", "--cacheinfo", f"160000,{'ab' * 20},sub.json")
    run(folder, "commit", "--quiet", "-m", "Submodule")
    run(folder, "config", "diff.ignoreSubmodules", "all")
    assert history(folder)[0].changes == (
        FileChange("A", "sub.json", "160000", "ab" * 20, "0" * 40),
    )


def damage(folder: Path, name: str) -> None:
    object_id = run(folder, "rev-parse", name)
    (folder / ".git" / "objects" / object_id[:2] / object_id[2:]).unlink()


def test_history__begins_before_older_commits_are_read(folder: Path) -> None:
    for number in range(4):
        commit(folder, str(number), a=f"{number}\n")
    damage(folder, "main~3^{tree}")
    commits = git.open_repository(folder).history("main")
    assert next(commits).subject == "3"
    with pytest.raises(errors.CannotReachGit, match="git log failed"):
        list(commits)


def test_history__may_be_left_early(folder: Path) -> None:
    for number in range(3):
        commit(folder, str(number), a=f"{number}\n")
    commits = git.open_repository(folder).history("main")
    next(commits)
    commits.close()  # type: ignore[attr-defined]
    assert list(commits) == []


def test_history__of_a_shallow_clone_is_refused_unless_the_part_is_in_it(folder: Path) -> None:
    ids = [commit(folder, str(number), a=f"{number}\n") for number in range(4)]
    run(folder, "clone", "--quiet", "--depth=2", f"file://{folder}", "shallow")
    with pytest.raises(errors.CannotReachGit, match="is a shallow clone"):
        history(folder / "shallow")
    assert [each.id for each in history(folder / "shallow", since=ids[2])] == [ids[3]]


def test_contents__in_order_and_more_than_a_pipe_holds(folder: Path) -> None:
    for number in range(2_500):
        (folder / str(number)).write_text("x" * number)
    commit(folder, "Many")
    repository = git.open_repository(folder)
    ids = [change.object_id for change in history(folder)[0].changes]
    sizes = [len(content) for content in repository.contents(iter(ids))]
    assert sizes == [int(change.path) for change in history(folder)[0].changes]
    with pytest.raises(errors.CannotReachGit, match="is missing"):
        list(repository.contents(["0" * 40]))
