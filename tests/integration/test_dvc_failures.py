"""How failures inside DVC's process come out of it: in a kind, a sentence, and an exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock import errors
from interlock.adapters.dvc.pipeline import DvcPipeline
from interlock.ports.pipeline import RunEnd
from tests import tiny, training
from tests.tiny import Tiny

# Python runs this at the start of every process that has it on its path, DVC's among them.
FULL_DISK = """\
import errno, os, shutil
real = shutil.copyfile
def copyfile(source, goal, **options):
    if {where!r} in str(goal):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(goal))
    return real(source, goal, **options)
shutil.copyfile = copyfile
from dvc_objects.fs import system
def reflink(source, goal):
    raise OSError(errno.ENOTSUP, "not here")
system.reflink = reflink
"""
KILLED = "import os, signal, sys\nif 'interlock' in str(sys.orig_argv): os.kill(os.getpid(), 9)\n"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    repo = tiny.make(tmp_path)
    for name, value in tiny.environment(repo, tmp_path / "home", "").items():
        monkeypatch.setenv(name, value)
    return repo


def run(repo: Tiny, **fields: str) -> RunEnd:
    job = training.job(repo.root, repo.root.parent / "tree", **fields)
    return DvcPipeline().run(job, check=lambda _: None, say=lambda _: None).ended


def inject(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inject").mkdir()
    (tmp_path / "inject" / "sitecustomize.py").write_text(program)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "inject"))


@pytest.mark.parametrize("where", ["/.dvc/cache/", "/remote/files/", "/remote/runs/"])
def test_run__a_full_disk(
    repo: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Once while data come, once while the model goes; DVC itself only counts what failed."""
    inject(FULL_DISK.format(where=where), tmp_path, monkeypatch)
    with pytest.raises(errors.OutsideFailure, match="disk is full") as caught:
        run(repo)
    assert caught.value.exit_code == 4
    assert "no space left" in caught.value.message.lower()


def test_run__a_driver_that_is_killed(
    repo: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inject(KILLED, tmp_path, monkeypatch)
    with pytest.raises(errors.OutsideFailure, match="killed by signal 9") as caught:
        run(repo)
    assert "memory" in caught.value.hint


def test_run__a_stage_that_dvc_does_not_find(repo: Tiny) -> None:
    with pytest.raises(errors.CannotTrain, match="absent"):
        run(repo, target="absent")


def test_run__settings_that_dvc_cannot_read(repo: Tiny) -> None:
    (repo.root / ".dvc" / "config").write_text("[core\n")
    repo.commit()
    with pytest.raises(errors.MissingSetting, match="DVC's settings"):
        run(repo)


def test_run__no_dvc_repository_at_all(repo: Tiny) -> None:
    repo.git("rm", "-r", "--quiet", ".dvc")
    repo.commit()
    with pytest.raises(errors.MissingSetting, match="no DVC remote"):
        run(repo)


def test_run__a_metrics_file_that_cannot_be_read_is_no_failure(repo: Tiny) -> None:
    """The model is made; a gate on the number that is missing fails closed."""
    repo.commit(train_py=tiny.TRAIN + "pathlib.Path('metrics.json').write_text('{')\n")
    assert run(repo) is RunEnd.DONE


def test_run__a_program_whose_disk_is_full_is_no_attempt_that_failed(repo: Tiny) -> None:
    repo.commit(train_py="raise OSError(28, 'No space left on device', 'model/weights.bin')\n")
    with pytest.raises(errors.ShortOfRoom, match="the disk is full") as caught:
        run(repo)
    assert "model/weights.bin" in caught.value.message
