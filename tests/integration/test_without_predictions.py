"""A pipeline that evaluates in a stage of its own and writes no rows: real DVC, MLflow and ledger.

Its metrics file is listed at the top of dvc.yaml and is an output of no stage, as in DVC's own
tutorial.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock.commands import train
from tests import migrated, tiny
from tests.integration.test_train import make_world, trained

EVALUATE = """\
import json, os, pathlib
open(os.environ["TINY_COUNT"], "a").write("evaluate\\n")
size = len(pathlib.Path("model/weights.txt").read_text())
pathlib.Path("eval").mkdir(exist_ok=True)
pathlib.Path("eval/metrics.json").write_text(json.dumps({"test": {"f1": size / 10}}))
"""
PIPELINE = """\
metrics: [eval/metrics.json, shipped.json]
stages:
  train:
    cmd: python train.py
    deps: [train.py, prepare.py, shipped.json]
    params: [size]
    outs: [model]
  evaluate:
    cmd: python evaluate.py
    deps: [evaluate.py, model]
    outs: [report.txt]
"""
TRAIN = """\
import os, pathlib
open(os.environ["TINY_COUNT"], "a").write("train\\n")
size = int(pathlib.Path("params.yaml").read_text().split("size:")[1].split()[0])
pathlib.Path("model").mkdir(exist_ok=True)
pathlib.Path("model/weights.txt").write_text("w" * size)
"""
MANIFEST = """\
model: tiny
owner: "@acme/vision"
objective: Show that a model without predictions is trained.
pipeline: {target: evaluate}
outputs: {model: model/}
environment: [../env.lock]
evaluate: {primary: "dvc:test.f1"}
gates:
  - {metric: "dvc:test.f1", min: 0.1}
  - {metric: "dvc:test.f1", max_drop: 0.01, against: champion}
promote: {environments: [staging, production], registry_name: tiny}
"""


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tiny.Tiny:
    repo = tiny.make(tmp_path)
    for name, value in tiny.environment(repo, tmp_path / "home", "").items():
        monkeypatch.setenv(name, value)
    (repo.root / "tiny" / "eval").mkdir()
    (repo.root / "tiny" / "eval" / "metrics.json").write_text('{"test": {"f1": 0.99}}')
    repo.commit(
        dvc_yaml=PIPELINE,
        train_py=TRAIN,
        evaluate_py=f"{EVALUATE}pathlib.Path('report.txt').write_text('x')\n",
        model_yaml=MANIFEST,
        shipped_json='{"shipped": 1}',
    )
    return repo


def test_train__without_predictions_reads_the_metrics_of_its_own_run(
    repo: tiny.Tiny, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    world: train.TrainContext = make_world(
        repo.root, migrated.copy(tmp_path_factory, tmp_path / "mlflow")
    )
    done = trained(world)
    assert done.candidate.predictions is None
    # Neither the committed file nor an input counts.
    assert done.candidate.metrics == {"test.f1": 0.5}
    assert any("shipped.json" in each and "input" in each for each in done.warnings)
    assert repo.ran == ["train", "evaluate"]
    # The model is restored; the evaluation runs, because a stored run lacks its metrics.
    repo.commit(evaluate_py=f"{EVALUATE}pathlib.Path('report.txt').write_text('y')\n")
    again = trained(world)
    assert again.candidate.metrics == {"test.f1": 0.5}
    assert repo.ran == ["train", "evaluate", "evaluate"]
    # The same inputs of both stages under another fingerprint.
    repo.commit(evaluate_py=f"{EVALUATE}pathlib.Path('report.txt').write_text('x')\n")
    repo.commit(model_yaml=MANIFEST.replace("model: model/", "model: model/weights.txt"))
    other = trained(world)
    assert other.candidate.metrics == {"test.f1": 0.5}
    assert repo.ran[-2:] == ["evaluate", "evaluate"]
