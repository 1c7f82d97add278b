"""DVC's settings that a change brings start no program, and are refused with their place."""

from __future__ import annotations

import dataclasses
import os
import subprocess
from pathlib import Path

import pytest

from interlock import errors
from interlock.adapters.dvc import files
from interlock.adapters.dvc.refreshing import DvcRefreshing
from interlock.commands import train
from interlock.ports.refreshing import RefreshJob
from tests import tiny, training
from tests.fakes.runs import FakeRuns
from tests.tiny import Tiny


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    repo = tiny.make(tmp_path)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in tiny.environment(repo, tmp_path / "home", "").items():
        monkeypatch.setenv(name, value)
    return repo


@pytest.fixture
def world(repo: Tiny, tmp_path: Path) -> train.TrainContext:
    return training.world(repo.root, FakeRuns(tmp_path / "runs"))


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """It is there once a program has run that only the settings of an S3 remote start."""
    return tmp_path / "canary"


def planted(canary: Path) -> str:
    """A file of AWS's that starts a program when anybody signs a request."""
    return f"[default]\ncredential_process = /bin/sh -c 'touch {canary}'\nregion = eu-1\n"


def remote(**options: str) -> str:
    """Settings with a remote behind S3's protocol, where nobody answers."""
    values = {"url": "s3://models/dvc", "endpointurl": "http://127.0.0.1:9", **options}
    lines = [f"    {name} = {value}\n" for name, value in values.items()]
    return "[core]\n    remote = store\n['remote \"store\"']\n" + "".join(lines)


def run(world: train.TrainContext) -> train.Trained | train.TrainingFailed:
    return train.run(world, train.TrainOptions(model="tiny", revision="HEAD"))


def settle(repo: Tiny, text: str) -> None:
    (repo.root / ".dvc" / "config").write_text(text)


def test_train__settings_of_a_change_start_no_program(
    repo: Tiny, world: train.TrainContext, canary: Path
) -> None:
    """The default branch has none yet: then those of the change may say where, and no more."""
    repo.git("rm", "--quiet", "--cached", ".dvc/config")
    repo.git("commit", "--quiet", "--message", "Have no remote yet")
    repo.git("switch", "--quiet", "--create", "change")
    (repo.root / "aws").write_text(planted(canary))
    settle(repo, remote(configpath="../aws", profile="default"))
    repo.commit()
    with pytest.raises(errors.Refused) as caught:
        run(world)
    assert '.dvc/config:6: `configpath` of remote "store"' in caught.value.message
    assert '.dvc/config:7: `profile` of remote "store"' in caught.value.message
    assert "dvc config --system" in caught.value.hint
    assert not canary.exists()
    assert repo.ran == []


def test_train__settings_of_the_default_branch_name_no_file_that_a_change_may_edit(
    repo: Tiny, world: train.TrainContext, canary: Path
) -> None:
    (repo.root / "aws").write_text("[default]\nregion = eu-1\n")
    settle(repo, remote(configpath="../aws", profile="default"))
    repo.commit()
    repo.git("switch", "--quiet", "--create", "change")
    (repo.root / "aws").write_text(planted(canary))
    repo.commit()
    with pytest.raises(errors.Refused, match=r"\.dvc/config:6: `configpath` of remote"):
        run(world)
    assert not canary.exists()


def test_train__the_file_of_another_place_and_a_profile_are_the_default_branchs_to_name(
    repo: Tiny, world: train.TrainContext, canary: Path, tmp_path: Path
) -> None:
    """And that the canary sings: a program of the runner's own file is started."""
    (tmp_path / "aws").write_text(planted(canary))
    settle(repo, remote(configpath="../../aws", profile="default", read_timeout="1"))
    repo.commit()
    with pytest.raises(errors.InterlockError):
        run(world)
    assert canary.exists()


def test_train__what_a_change_says_where_the_default_branch_has_settings_is_not_read(
    repo: Tiny, world: train.TrainContext, canary: Path
) -> None:
    repo.git("switch", "--quiet", "--create", "change")
    (repo.root / "aws").write_text(planted(canary))
    settle(repo, remote(configpath="../aws"))
    repo.commit()
    assert isinstance(run(world), train.Trained)
    assert not canary.exists()


@pytest.mark.parametrize("place", [".dvc/config.local", ".dvc"])
def test_train__settings_beside_the_checkouts_own_are_no_commits(
    repo: Tiny, world: train.TrainContext, canary: Path, place: str
) -> None:
    (repo.root / "aws").write_text(planted(canary))
    if place == ".dvc":
        (repo.root / ".dvc").rename(repo.root / "elsewhere")
        (repo.root / ".dvc").symlink_to("elsewhere")
    (repo.root / ".dvc" / "config.local").write_text(remote(configpath="../aws"))
    repo.git("add", "--force", "--all")
    repo.commit()
    with pytest.raises(errors.InterlockError) as caught:
        run(world)
    assert place in caught.value.message
    assert caught.value.hint
    assert not canary.exists()


def test_train__settings_behind_a_link_are_refused(repo: Tiny, world: train.TrainContext) -> None:
    (repo.root / ".dvc" / "config").rename(repo.root / "settings")
    (repo.root / ".dvc" / "config").symlink_to("../settings")
    repo.commit()
    with pytest.raises(errors.Refused, match=r"\.dvc/config is a link"):
        run(world)


def test_train__local_settings_that_are_an_input_are_a_file_and_no_settings(
    repo: Tiny, world: train.TrainContext, canary: Path
) -> None:
    """A change may declare them as a dependency: then they lie in the training's tree."""
    repo.git("switch", "--quiet", "--create", "change")
    (repo.root / ".dvc" / "config.local").write_text(remote(configpath=str(repo.root / "aws")))
    (repo.root / "aws").write_text(planted(canary))
    repo.git("add", "--force", ".dvc/config.local")
    pipeline = tiny.PIPELINE.replace("[prepare.py,", "[../.dvc/config.local, prepare.py,")
    revision = repo.commit(dvc_yaml=pipeline)
    repo.git("switch", "--quiet", "main")
    done = train.run(world, train.TrainOptions(model="tiny", revision=revision))
    assert isinstance(done, train.Trained)
    assert repo.object("wwwww").exists()
    assert not canary.exists()


POINTER = """\
deps:
- path: s3://models/x.csv
  etag: abc
  fs_config:
    endpointurl: http://127.0.0.1:9
    configpath: {config}
outs:
- path: x.csv
  md5: {md5}
  hash: md5
"""


def test_train__a_pointer_brings_no_settings(
    repo: Tiny, world: train.TrainContext, canary: Path
) -> None:
    """DVC reads every pointer in the tree, and imports what it names with the settings there."""
    (repo.root / "aws").write_text(planted(canary))
    (repo.root / "tiny" / "raw").mkdir()
    pointer = POINTER.format(config=repo.root / "aws", md5=tiny.md5("x"))
    (repo.root / "tiny" / "raw" / "x.csv.dvc").write_text(pointer)
    (repo.root / "tiny" / "raw" / ".gitignore").write_text("/x.csv\n")
    tiny.store(repo, "x")
    repo.commit(dvc_yaml=tiny.PIPELINE.replace("[prepare.py,", "[raw, prepare.py,"))
    with pytest.raises(errors.InterlockError):
        run(world)
    assert not canary.exists()


def test_train__a_repository_that_an_import_names_brings_no_settings(
    repo: Tiny, world: train.TrainContext, canary: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    (other / ".dvc").mkdir(parents=True)
    (tmp_path / "aws").write_text(planted(canary))
    (other / ".dvc" / "config").write_text(remote(configpath=str(tmp_path / "aws")))
    entry = f"outs:\n- md5: {tiny.md5('y')}\n  size: 1\n  hash: md5\n  path: y.csv\n"
    (other / "y.csv.dvc").write_text(entry)
    git = ["git", "-C", str(other), "-c", "user.name=octocat", "-c", "user.email=o@x"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "Have data"], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    pointer = (
        f"deps:\n- path: y.csv\n  repo:\n    url: file://{other}\n    rev_lock: {head.stdout}"
        f"outs:\n- md5: {tiny.md5('y')}\n  size: 1\n  hash: md5\n  path: data.csv\n"
    )
    (repo.root / "tiny" / "data.csv.dvc").write_text(pointer)
    repo.commit()
    with pytest.raises(errors.InterlockError):
        run(world)
    assert not canary.exists()
    assert repo.ran == []


@pytest.mark.parametrize("is_home", [True, False])
def test_refresh__committed_local_settings_are_refused(
    repo: Tiny, canary: Path, tmp_path: Path, is_home: bool
) -> None:
    """In the checkout that the data are brought in, and in the user's own."""
    (repo.root / "aws").write_text(planted(canary))
    (repo.root / ".dvc" / "config.local").write_text(remote(configpath="../aws"))
    repo.git("add", "--force", ".dvc/config.local")
    repo.commit(refresh_py="")
    clean = tmp_path / "clean"
    repo.git("worktree", "add", "--quiet", "--detach", str(clean), "HEAD~1")
    checkout, home = (clean, repo.root) if is_home else (repo.root, None)
    errand = RefreshJob(checkout, ("tiny/data.csv.dvc",), "true", "tiny", 60, home=home)
    with pytest.raises(errors.Refused, match=r"\.dvc/config\.local is committed"):
        DvcRefreshing().refresh(errand, say=lambda _: None)
    assert not canary.exists()


def test_open_files__refuses_the_settings_of_a_change_and_takes_those_of_the_default_branch(
    repo: Tiny,
) -> None:
    settle(repo, (repo.root / ".dvc" / "config").read_text() + "    credentialpath = /srv/aws\n")
    with pytest.raises(errors.Refused, match=r"\.dvc/config:5: `credentialpath` of remote"):
        files.open_files(repo.root)
    settle(repo, remote(profile="acme"))
    with pytest.raises(errors.Refused, match="`profile` of remote"):
        files.open_files(repo.root)
    repo.commit()
    assert files.open_files(repo.root).exists("tiny/data.csv")


def test_missing_bytes__looks_where_the_training_will(
    repo: Tiny, world: train.TrainContext
) -> None:
    """Not where the checkout's own settings say, which may be a change's."""
    job = training.job(repo.root, repo.root.parent / "tree")
    settle(repo, f"[cache]\n    dir = {repo.remote}\n")
    sizes = {tiny.md5(tiny.DATA): len(tiny.DATA)}
    assert world.pipeline.missing_bytes(job.settings, sizes) == len(tiny.DATA)
    text = f"[cache]\n    dir = {repo.remote}\n"
    there = dataclasses.replace(job.settings, config=text, is_brought=False)
    assert world.pipeline.missing_bytes(there, sizes) == 0
