"""The action `fetch`: what a plan names is brought, nothing else, and no token is left behind."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
import yaml

ACTION = Path(__file__).parents[2] / "actions" / "fetch" / "action.yml"
TOKEN = "ghs_secret"
RECORD = '#!/bin/sh\nprintf "%s\\n" "$@" > "$RECORD"\nenv | grep ^GIT_CONFIG_ >> "$RECORD"\n'


def git(folder: Path, *arguments: str) -> str:
    environment = os.environ | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ALLOW_PROTOCOL": "file",
        "GIT_AUTHOR_NAME": "octocat",
        "GIT_AUTHOR_EMAIL": "octocat@users.noreply.github.com",
        "GIT_COMMITTER_NAME": "octocat",
        "GIT_COMMITTER_EMAIL": "octocat@users.noreply.github.com",
    }
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def repository(folder: Path, file: str) -> Path:
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / file).write_text(f"{file}\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "Start")
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clone as `actions/checkout` leaves it: with the folders of two submodules, both empty."""
    nested = repository(tmp_path / "nested", "deep.py")
    one, other = (repository(tmp_path / name, f"{name}.py") for name in ("one", "other"))
    git(one, "submodule", "--quiet", "add", str(nested), "deeper")
    git(one, "commit", "--quiet", "--message", "Nest")
    origin = repository(tmp_path / "origin", "train.py")
    git(origin, "submodule", "--quiet", "add", str(one), "vendor/a b")
    git(origin, "submodule", "--quiet", "add", str(other), "vendor/other")
    git(origin, "commit", "--quiet", "--message", "Vendor")
    git(tmp_path, "clone", "--quiet", str(origin), "checkout")
    return tmp_path / "checkout"


def fetch(checkout: Path, *, lfs: str = "", submodules: str = "") -> str:
    """Run the action's step; what `git lfs` was called with, "" when it was not."""
    (step,) = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]
    programs = checkout.parent / "bin"
    programs.mkdir(exist_ok=True)
    program = programs / "git-lfs"
    program.write_text(RECORD)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    record = checkout.parent / "record"
    subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=checkout,
        check=True,
        env=os.environ
        | {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ALLOW_PROTOCOL": "file",
            "GITHUB_SERVER_URL": "https://github.example",
            "RECORD": str(record),
            "LFS": lfs,
            "SUBMODULES": submodules,
            "TOKEN": TOKEN,
            "GITHUB_ACTION_PATH": str(ACTION.parent),
        },
    )
    return record.read_text() if record.exists() else ""


def there(checkout: Path) -> list[str]:
    vendor = checkout / "vendor"
    return sorted(p.relative_to(vendor).as_posix() for p in vendor.rglob("*.py"))


def test_fetch__of_nothing_fetches_nothing(checkout: Path) -> None:
    assert fetch(checkout) == ""
    assert there(checkout) == []


def test_fetch__brings_the_submodule_that_is_named_with_what_it_nests(checkout: Path) -> None:
    assert fetch(checkout, submodules="vendor/a b") == ""
    assert there(checkout) == ["a b/deeper/deep.py", "a b/one.py"]


def test_fetch__brings_several_submodules(checkout: Path) -> None:
    fetch(checkout, submodules="vendor/a b\nvendor/other")
    assert there(checkout) == ["a b/deeper/deep.py", "a b/one.py", "other/other.py"]


@pytest.mark.parametrize(
    ("lfs", "words"),
    [
        ("data/a b.bin,big.bin", ["fetch", "--include=data/a b.bin,big.bin", "origin", "HEAD"]),
        ("*", ["fetch", "origin", "HEAD"]),
    ],
)
def test_fetch__asks_git_lfs_for_what_is_named(checkout: Path, lfs: str, words: list[str]) -> None:
    assert fetch(checkout, lfs=lfs).splitlines()[: len(words)] == words


def test_token__is_for_the_step_alone_and_on_no_command_line(checkout: Path) -> None:
    text = fetch(checkout, lfs="*", submodules="vendor/other")
    header = "GIT_CONFIG_VALUE_1=AUTHORIZATION: basic eC1hY2Nlc3MtdG9rZW46Z2hzX3NlY3JldA=="
    assert header in text.splitlines()
    assert "GIT_CONFIG_KEY_1=http.https://github.example/.extraheader" in text.splitlines()
    left = [p for p in (checkout / ".git").rglob("*") if p.is_file()]
    assert not any(b"eC1hY2Nlc3M" in p.read_bytes() or b"ghs_" in p.read_bytes() for p in left)


def test_fetch__runs_no_program_that_a_file_of_the_checkout_names(checkout: Path) -> None:
    """Git itself refuses a command in `.gitmodules`; a filter or a hook without configuration is
    nothing."""
    canary = checkout.parent / "canary"
    section = git(checkout, "config", "--file", ".gitmodules", "--name-only", "--get-regexp", "url")
    for name in section.splitlines():
        key = name.removesuffix(".url")
        git(checkout, "config", "--file", ".gitmodules", f"{key}.update", f"!touch {canary}")
    (checkout / ".gitattributes").write_text("* filter=canary\n")
    with pytest.raises(subprocess.CalledProcessError):
        fetch(checkout, lfs="*", submodules="vendor/other")
    assert not canary.exists()
    assert there(checkout) == []
