"""Metrics and parameters that a training leaves are those that `dvc metrics show` finds."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from dvc.repo import Repo

from interlock import wiring
from interlock.adapters.dvc import figures
from interlock.commands import train
from interlock.domain.basics import dotted_keys
from interlock.domain.training.training_tree import TrainingTree
from interlock.services import snapshots
from tests import migrated, tiny
from tests.integration.test_train import make_world, trained

# dvclive's layout (an output folder with a dvc.yaml of its own beside it), files and folders of
# metrics, in outputs and in none, in YAML, JSON and TOML; and one of a stage that is not upstream.
PROGRAM = """
def leave(path, text):
    file = pathlib.Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)

leave("dvclive/metrics.json", '{"live": {"loss": 0.5}, "epoch": 3}')
leave("dvclive/params.yaml", "lr: 0.1\\nsteps: [1, 2]\\n")
leave("eval/metrics.json", '{"accuracy": 0.75}')
leave("scores/a.yaml", "a: 1\\n")
leave("scores/deep/b.toml", "b = 2.5\\n")
"""
TOP = """\
metrics: [eval/metrics.json, other.json, never.json]
"""
LIVE = "metrics: [metrics.json]\nparams: [params.yaml]\n"
OTHER = "  other: {cmd: python other.py, deps: [train.py], outs: [other.json]}\n"
FIGURES = {
    "tiny/metrics.json": {"test": {"rows": 3, "note": "n"}},
    "tiny/scores/a.yaml": {"a": 1},
    "tiny/scores/deep/b.toml": {"b": 2.5},
    "tiny/eval/metrics.json": {"accuracy": 0.75},
    "tiny/dvclive/metrics.json": {"live": {"loss": 0.5}, "epoch": 3},
}


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tiny.Tiny:
    repo = tiny.make(tmp_path)
    for name, value in tiny.environment(repo, tmp_path / "home", "").items():
        monkeypatch.setenv(name, value)
    live = repo.root / "tiny" / "dvclive"
    live.mkdir()
    (live / "dvc.yaml").write_text(LIVE)
    pipeline = tiny.PIPELINE.replace("[model, predictions.csv]", "[model, predictions.csv, LIVE]")
    pipeline = pipeline.replace("LIVE", "dvclive/metrics.json, dvclive/params.yaml")
    pipeline = pipeline.replace("metrics: [metrics.json]", "metrics: [metrics.json, scores]")
    repo.commit(dvc_yaml=TOP + pipeline + OTHER, train_py=tiny.TRAIN + PROGRAM)
    return repo


def grown(root: Path) -> TrainingTree:
    tree = wiring.repository(root).tree("HEAD")
    reader = snapshots.Reader(resolve_templates=wiring.resolve_templates)
    return reader.training_tree(tree, reader.read_model(tree, "tiny"))


def test_train__finds_the_metrics_wherever_they_are_listed(
    repo: tiny.Tiny, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    world: train.TrainContext = make_world(
        repo.root, migrated.copy(tmp_path_factory, tmp_path / "mlflow")
    )
    done = trained(world)
    numbers, _ = dotted_keys.numbers(FIGURES)
    assert done.candidate.metrics == numbers
    assert numbers["accuracy"] == 0.75
    assert done.candidate.params == {"size": "5", "lr": "0.1", "steps": "[1, 2]"}
    assert any("never.json is" in warning for warning in done.warnings)
    assert not any("other.json" in warning for warning in done.warnings)
    lines = [each for each in done.warnings if "which no stage makes" in each]
    assert ["eval/metrics.json" in each for each in lines] == [True, False]


def test_figures__are_those_of_dvc_metrics_show(repo: tiny.Tiny, tmp_path: Path) -> None:
    training_tree = grown(repo.root)
    folder = repo.root / "tiny"
    environment = {**os.environ, "TINY_COUNT": str(tmp_path / "count")}
    (folder / "prepared.csv").write_text(tiny.DATA)
    subprocess.run(["python", "train.py"], cwd=folder, env=environment, check=True)
    with Repo(str(repo.root)) as dvc:
        shown: dict[str, Any] = dvc.metrics.show()[""]["data"]
    theirs = {path: each["data"] for path, each in shown.items() if "data" in each}
    ours = figures.metrics(repo.root, training_tree.metrics)
    left = {path: content for path, content in ours.items() if isinstance(content, dict)}
    assert json.dumps(left, sort_keys=True) == json.dumps(FIGURES, sort_keys=True)
    # DVC shows texts, too, and nothing that it cannot read.
    assert {path: content for path, content in left.items() if path in theirs} == theirs
    assert left.keys() == theirs.keys()


def test_figures__of_a_file_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.json").write_text("{")
    (tmp_path / "a" / "y.png").write_bytes(b"\x89PNG\xff")
    metrics = figures.metrics(tmp_path, ["a", "gone.json", "a"])
    assert list(metrics) == ["a/x.json", "a/y.png", "gone.json"]
    assert all(str(content).startswith("unreadable (") for content in metrics.values())
    assert figures.params(tmp_path, ["a", "gone.json"]) == {}


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("m.json", '{"f1": ' + "[" * 900 + "]" * 900 + "}", "it is nested deeper than 32 levels"),
        ("m.json", "[" * 100_000, ""),
        ("m.json", "[" + "0," * 100_001 + "0]", "it has more than 100,000 values"),
        ("m.json", '{"f1": 0.1, "f1": 0.9}', "duplicate key 'f1'"),
        ("m.json", '{"f1": ' + "9" * 5_000 + "}", ""),
        ("m.json", '{"f1": 1}' + " " * 10_000_000, "it is larger than 10 MB"),
        ("m.yaml", "a: &a [0, 0]\n" + "b: [" + "*a, " * 60_000 + "]", "more than 100,000 values"),
    ],
)
def test_figures__of_a_hostile_file_say_why_and_measure_nothing(
    tmp_path: Path, name: str, text: str, why: str
) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / "good.json").write_text('{"f1": 0.5}')
    metrics = figures.metrics(tmp_path, [name, "good.json"])
    assert str(metrics[name]).startswith("unreadable (")
    assert why in metrics[name]
    assert dotted_keys.numbers(metrics)[0] == {"f1": 0.5}
    assert figures.params(tmp_path, [name]) == {}


def test_figures__of_a_device_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "m.json").symlink_to("/dev/zero")
    assert figures.metrics(tmp_path, ["m.json"]) == {"m.json": "unreadable (it is not a file)"}


def test_train__a_model_of_a_stage_upstream_that_another_one_evaluates(
    repo: tiny.Tiny, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Most pipelines train in one stage and evaluate in another, which is then the target."""
    pipeline = tiny.PIPELINE.replace("outs: [model, predictions.csv]", "outs: [model]")
    pipeline = pipeline.replace("    metrics: [metrics.json]\n", "")
    evaluate = (
        "  evaluate: {cmd: python evaluate.py, deps: [evaluate.py, model], outs: [rows.csv]}\n"
    )
    repo.commit(
        dvc_yaml="metrics: [eval.json]\n" + pipeline + evaluate,
        evaluate_py=(
            "import pathlib\n"
            'pathlib.Path("rows.csv").write_text("id,target,prediction\\n1,a,a\\n2,b,b\\n")\n'
            'pathlib.Path("eval.json").write_text(\'{"accuracy": 1.0}\')\n'
        ),
        model_yaml=tiny.MANIFEST.replace("target: train", "target: evaluate").replace(
            "predictions: predictions.csv", "predictions: rows.csv"
        ),
    )
    world = make_world(repo.root, migrated.copy(tmp_path_factory, tmp_path / "mlflow"))
    done = trained(world)
    assert done.candidate.model.path == "model"
    assert done.candidate.metrics == {"accuracy": 1.0}
    assert set(done.candidate.lock["tiny/dvc.lock"]) == {"prepare", "train", "evaluate"}
