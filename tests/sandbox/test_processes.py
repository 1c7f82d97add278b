"""The processes of Git behind a request, and what is answered without one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import git_processes

from .scene import REPOSITORY, Scene


def server_only(lines: list[str]) -> list[str]:
    """Without the processes of the test's own clone."""
    return [line for line in lines if not line.startswith("-C ")]


@pytest.fixture
def pull(scene: Scene) -> Scene:
    scene.clone.branch("topic")
    scene.clone.commit({"b.txt": "b\n"}, "On topic")
    scene.clone.push("topic")
    scene.github().create_pull(title="T", body="", head="topic", base="main")
    return scene


@pytest.mark.parametrize(
    "path", ["/pulls/1", "/pulls/1/files", "/commits/topic", "/git/ref/heads/main", "/branches"]
)
def test_request__a_second_time_starts_no_process(pull: Scene, tmp_path: Path, path: str) -> None:
    first = pull.get(path)
    with git_processes.counted(tmp_path) as lines:
        assert pull.get(path) == first
    assert lines == []


def test_request__after_a_push_has_the_new_commits(pull: Scene) -> None:
    assert pull.get("/pulls/1")["changed_files"] == 1
    pull.clone.commit({"c.txt": "c\n"}, "More")
    pull.clone.push("topic")
    assert pull.get("/pulls/1")["changed_files"] == 2
    assert pull.get("/commits/topic")["sha"] == pull.clone.head()


def test_files__of_later_commits_start_no_process(pull: Scene, tmp_path: Path) -> None:
    with git_processes.counted(tmp_path) as lines:
        for number in range(3):
            pull.clone.commit({"c.txt": f"{number}\n"}, "More")
            pull.clone.push("topic")
            files = pull.get("/pulls/1/files")
            assert [file["filename"] for file in files] == ["b.txt", "c.txt"]
            assert files[1]["patch"].endswith(f"+{number}")
    # The one of the first commit answers.
    assert [line for line in server_only(lines) if line.startswith("diff-tree")] == []


def test_merge__starts_no_second_merge_of_the_same_commits(pull: Scene, tmp_path: Path) -> None:
    with git_processes.counted(tmp_path) as lines:
        pull.github().get_pull(1).merge(merge_method="squash")
    assert [line for line in lines if line.startswith("merge-tree")] == []


def test_fetch__of_nothing_new_starts_no_process_of_the_server(
    scene: Scene, tmp_path: Path
) -> None:
    scene.clone.git("fetch", "--quiet", "origin")
    with git_processes.counted(tmp_path) as lines:
        scene.clone.git("fetch", "--quiet", "origin")
    assert server_only(lines) == []


def test_push__starts_one_process_of_the_server(scene: Scene, tmp_path: Path) -> None:
    scene.clone.commit({"b.txt": "b\n"}, "One")
    scene.clone.push("main")
    scene.clone.commit({"b.txt": "c\n"}, "Two")
    with git_processes.counted(tmp_path) as lines:
        scene.clone.push("main")
    verbs = [line.split()[0] for line in server_only(lines)]
    assert verbs == ["http-backend"]


def _plain(_: Scene) -> None: ...


def _tagged(scene: Scene) -> None:
    scene.clone.git("tag", "light")
    scene.clone.git("tag", "--annotate", "--message", "Heavy", "heavy")
    scene.clone.push("light", "heavy")


def _packed(scene: Scene) -> None:
    _tagged(scene)
    scene.hub.instance.git(REPOSITORY).run("pack-refs", "--all")
    scene.clone.commit({"b.txt": "b\n"}, "Loose beside packed")
    scene.clone.push("main")


def _symbolic(scene: Scene) -> None:
    scene.hub.instance.git(REPOSITORY).run("symbolic-ref", "refs/heads/alias", "refs/heads/main")


def _unborn(scene: Scene) -> None:
    scene.hub.instance.git(REPOSITORY).run("symbolic-ref", "HEAD", "refs/heads/missing")


@pytest.mark.parametrize("prepare", [_plain, _tagged, _packed, _symbolic, _unborn])
@pytest.mark.parametrize("words", [(), ("--symref",), ("--tags",), ("main",)], ids=" ".join)
def test_refs__are_those_that_git_lists(
    scene: Scene, prepare: Callable[[Scene], None], words: tuple[str, ...]
) -> None:
    prepare(scene)
    options = [word for word in words if word.startswith("-")]
    names = [word for word in words if not word.startswith("-")]
    bare = str(scene.hub.instance.git(REPOSITORY).path)
    expected = scene.clone.git("ls-remote", *options, bare, *names)
    assert scene.clone.git("ls-remote", *options, "origin", *names) == expected


@pytest.mark.parametrize("version", ["0", "1", "2"])
def test_clone__with_every_protocol_has_the_branch(
    scene: Scene, tmp_path: Path, version: str
) -> None:
    url = scene.hub.git_url(REPOSITORY, scene.token)
    place = str(tmp_path / "copy")
    scene.clone.git("-c", f"protocol.version={version}", "clone", "--quiet", url, place)
    assert scene.clone.git("-C", place, "rev-parse", "HEAD") == scene.clone.head()


def test_close__ends_the_process_of_each_repository(scene: Scene) -> None:
    batch = scene.hub.instance.git(REPOSITORY).batch
    assert batch.resolve("main") == (scene.clone.head(), "commit")
    process = batch._git._process
    assert process is not None
    batch.close()
    assert process.returncode is not None


@pytest.mark.parametrize("name", ["@{upstream}", "main:../x", "a\nb", "missing", "\ud800"])
def test_name__that_means_nothing_is_none_and_the_next_is_found(scene: Scene, name: str) -> None:
    git = scene.hub.instance.git(REPOSITORY)
    assert git.resolve(name) is None
    assert git.resolve("main") == scene.clone.head()
