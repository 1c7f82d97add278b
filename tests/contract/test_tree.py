"""What every tree answers, of a revision's Git objects or of the files as they lie on disk."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from interlock.adapters import git
from interlock.adapters.git.worktree import WorkingTree
from interlock.ports.git import Tree

FILES = {
    "README.md": b"# acme\n",
    "models/digits/model.yaml": b"model: digits\n",
    "models/digits/données brutes.csv": b"\x00\xff\r\n",
    "empty": b"",
}


def committed(root: Path) -> Tree:
    run(root, "add", "--all")
    run(root, "commit", "--quiet", "--message", "Begin")
    return git.open_repository(root).tree("HEAD")


def untracked(root: Path) -> Tree:
    return WorkingTree(root)


def staged_and_then_edited(root: Path) -> Tree:
    (root / "README.md").write_bytes(b"older\n")
    (root / "gone.txt").write_bytes(b"staged, then deleted\n")
    run(root, "add", "--all")
    (root / "README.md").write_bytes(FILES["README.md"])
    (root / "gone.txt").unlink()
    return WorkingTree(root)


def run(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=octocat", "-c", "user.email=octocat@example.com"]
    subprocess.run(["git", "-C", str(root), *who, *arguments], check=True, capture_output=True)


@pytest.fixture(params=[committed, untracked, staged_and_then_edited])
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Tree:
    run(tmp_path, "init", "--quiet")
    for path, content in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    (tmp_path / "run.sh").write_bytes(b"#!/bin/sh\n")
    (tmp_path / "run.sh").chmod(0o755)
    (tmp_path / "link").symlink_to("models/digits")
    (tmp_path / ".gitignore").write_bytes(b"ignored\n")
    (tmp_path / "ignored").write_bytes(b"not here\n")
    build: Callable[[Path], Tree] = request.param
    return build(tmp_path)


def test_entries__every_path_with_its_mode(tree: Tree) -> None:
    assert {path: entry.mode for path, entry in tree.entries.items()} == {
        ".gitignore": "100644",
        "README.md": "100644",
        "empty": "100644",
        "link": "120000",
        "models": "040000",
        "models/digits": "040000",
        "models/digits/données brutes.csv": "100644",
        "models/digits/model.yaml": "100644",
        "run.sh": "100755",
    }
    assert all(entry.path == path for path, entry in tree.entries.items())


@pytest.mark.parametrize(
    "path",
    ["", "/", "/README.md", "models/", "models//digits", "../x", "README.md/x", "a\0b", "\ud800"],
)
def test_entries__what_is_no_path_of_it(tree: Tree, path: str) -> None:
    assert path not in tree.entries
    assert tree.entries.get(path) is None
    with pytest.raises(KeyError):
        tree.entries[path]


def test_named__paths_with_one_of_these_ends_in_the_order_of_entries(tree: Tree) -> None:
    assert sorted(tree.named((".yaml", "digits", "README.md"))) == [
        "README.md",
        "models/digits",
        "models/digits/model.yaml",
    ]
    assert tree.named(("",)) == tuple(tree.entries)
    assert tree.named((".dvc",)) == ()


@pytest.mark.parametrize("below", ["models", "models/digits"])
def test_named__below_a_folder(tree: Tree, below: str) -> None:
    inside = tuple(path for path in tree.entries if path.startswith(f"{below}/"))
    assert tree.named(("",), below=below) == inside
    assert tree.named((".yaml",), below=below) == ("models/digits/model.yaml",)


@pytest.mark.parametrize("below", ["nothing", "README.md", "link", "models/digits/model.yaml"])
def test_named__below_what_is_no_folder(tree: Tree, below: str) -> None:
    assert tree.named(("",), below=below) == ()


def test_read__a_file(tree: Tree) -> None:
    for path, content in FILES.items():
        assert tree.read(path) == content


def test_read__a_link_is_its_target(tree: Tree) -> None:
    assert tree.read("link") == b"models/digits"


@pytest.mark.parametrize("path", ["models", "nothing", "ignored", "link/model.yaml", "../x", ""])
def test_read__what_is_no_file(tree: Tree, path: str) -> None:
    assert tree.read(path) is None


def test_read_many__those_that_are_files(tree: Tree) -> None:
    assert tree.read_many(["README.md", "models", "nothing", "empty"]) == {
        "README.md": b"# acme\n",
        "empty": b"",
    }


@pytest.mark.parametrize(
    ("folder", "children"),
    [
        ("", [".gitignore", "README.md", "empty", "link", "models", "run.sh"]),
        ("models", ["models/digits"]),
        ("models/", ["models/digits"]),
        ("models/digits", ["models/digits/données brutes.csv", "models/digits/model.yaml"]),
        ("README.md", []),
    ],
)
def test_children__directly_inside(tree: Tree, folder: str, children: list[str]) -> None:
    assert sorted(tree.children(folder)) == children
