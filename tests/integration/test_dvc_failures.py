"""How failures inside DVC's process come out of it: in a kind, a sentence, and an exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock import errors
from interlock.adapters.dvc.pipeline import DvcPipeline
from interlock.ports.pipeline import Ended, Job
from tests import tiny
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


def run(repo: Tiny, *, target: str = "train") -> Ended:
    """In a clone: the folder that is trained in, and the user's own beside it."""
    clone = repo.root.parent / "clone"
    repo.git("clone", "--quiet", str(repo.root), str(clone))
    job = Job(clone, "tiny/dvc.yaml", target, timeout_seconds=120, home=repo.root)
    return DvcPipeline().run(job, check=lambda _: "", say=lambda _: None).ended


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


@pytest.mark.parametrize(
    ("pipeline", "target", "words"),
    [
        ("stages: [", "train", "dvc.yaml"),
        (tiny.PIPELINE, "absent", "absent"),
    ],
)
def test_run__a_pipeline_that_dvc_cannot_read(
    repo: Tiny, pipeline: str, target: str, words: str
) -> None:
    repo.commit(dvc_yaml=pipeline)
    with pytest.raises(errors.CannotTrain, match=words):
        run(repo, target=target)


def test_run__settings_that_dvc_cannot_read(repo: Tiny) -> None:
    (repo.root / ".dvc" / "config").write_text("[core\n")
    repo.commit()
    with pytest.raises(errors.MissingSetting, match="DVC's settings"):
        run(repo)


def test_run__no_dvc_repository_at_all(repo: Tiny) -> None:
    repo.git("rm", "-r", "--quiet", ".dvc")
    repo.commit()
    with pytest.raises(errors.CannotTrain, match="not inside of a DVC repository"):
        run(repo)


def test_run__a_metrics_file_that_cannot_be_read_is_no_failure(repo: Tiny) -> None:
    """The model is made; a gate on the number that is missing fails closed."""
    repo.commit(train_py=tiny.TRAIN + "pathlib.Path('metrics.json').write_text('{')\n")
    assert run(repo) is Ended.DONE
