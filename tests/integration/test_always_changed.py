"""A stage that always runs, upstream of a model: on real Git and DVC."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock.commands import train
from interlock.ports.pipeline import RunEnd
from tests import tiny, training
from tests.fakes.runs import FakeRuns
from tests.tiny import Tiny

PIPELINE = tiny.PIPELINE.replace(
    "stages:\n",
    "stages:\n  freeze:\n    cmd: cat $TINY_COUNT.packages > packages.txt\n"
    "    always_changed: true\n    outs: [packages.txt]\n",
).replace("deps: [train.py, ", "deps: [packages.txt, train.py, ")
NUMPY, TORCH = tiny.md5("numpy\n"), tiny.md5("torch\n")
LOCK = """\
schema: '2.0'
stages:
  freeze:
    cmd: cat $TINY_COUNT.packages > packages.txt
    outs:
    - {{path: packages.txt, hash: md5, md5: {md5}, size: 6}}
"""


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    repo = tiny.make(tmp_path)
    for name, value in tiny.environment(repo, tmp_path / "home", "").items():
        monkeypatch.setenv(name, value)
    return repo


def test_stage_that_always_runs__must_make_its_recorded_output(repo: Tiny, tmp_path: Path) -> None:
    runs = FakeRuns(tmp_path / "runs")
    packages = Path(f"{repo.count}.packages")
    world = training.world(repo.root, runs)

    def run() -> train.Trained | train.TrainingFailed:
        return train.run(world, train.TrainOptions("tiny", "HEAD"))

    repo.commit(dvc_yaml=PIPELINE, dvc_lock=LOCK.format(md5=NUMPY))
    packages.write_text("numpy\n")
    first = run()
    assert isinstance(first, train.Trained), first
    freeze = next(s for s in first.candidate.stages if s.name == "tiny/dvc.yaml:freeze")
    assert freeze.ran
    entry = first.candidate.lock["tiny/dvc.lock"]["freeze"]["outs"][0]
    assert entry["md5"] == NUMPY  # the commit of this lock changes no fingerprint
    assert any("freeze is always_changed" in text for text in first.warnings)

    packages.write_text("torch\n")
    repo.count.unlink()
    repo.commit(params_yaml="size: 6\n")
    other = run()
    assert isinstance(other, train.TrainingFailed), other
    assert other.ended is RunEnd.UNUSABLE
    assert other.attempt.reason == (
        "stage freeze is always_changed, and it made tiny/packages.txt as "
        f"md5:{TORCH}; the fingerprint counts md5:{NUMPY}, which "
        "tiny/dvc.lock records, so that the model is not stored: run `dvc repro freeze` in this "
        f"environment, or write md5: {TORCH} and size: 6 for packages.txt of stage "
        "freeze there; then commit tiny/dvc.lock"
    )
    assert "train" not in repo.ran  # before hours of training, not after
    assert not repo.object("wwwwww").exists()

    repo.commit(dvc_lock=LOCK.format(md5=TORCH))
    assert isinstance(run(), train.Trained)
