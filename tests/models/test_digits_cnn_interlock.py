"""Interlock trains the convolutional example in two processes, is killed, and goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests import migrated, tiny

from . import cnn
from .cnn import Bench

pytest.importorskip("torch", reason="it comes with the extra gpu")
STEPS_PER_EPOCH = 870 // 64


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A repository with the examples, in which the manifest requires two processes and no GPU."""
    bench = cnn.open_bench(tmp_path, epochs=8)
    root, workshop = bench.workshop.root, bench.workshop
    path = bench.folder / "model.yaml"
    manifest = yaml.safe_load(path.read_text("utf-8"))
    manifest["runner"] = {"labels": ["self-hosted"], "timeout_minutes": 10}
    manifest["training"] = {"launcher": "torchrun", "gpus": 2}
    path.write_text(yaml.safe_dump(manifest), "utf-8")
    (root / "uv.lock").write_text("# what it was trained with\n", "utf-8")
    (root / "pyproject.toml").write_text('[project]\nname = "models"\nversion = "1"\n', "utf-8")
    workshop.start_repository("digits")
    remote = str(tmp_path / "remote")
    workshop.run("digits", "dvc", "remote", "add", "--quiet", "--default", "store", remote)
    workshop.run("digits", "dvc", "push", "--quiet", "data/digits.csv.dvc")
    git = ["git", "-C", str(root), "-c", "user.name=octocat", "-c", "user.email=o@x"]
    workshop.run("digits", *git, "add", ".")
    workshop.run("digits", *git, "commit", "--quiet", "--message", "Begin")
    return bench


def start(bench: Bench, uri: str) -> subprocess.Popen[str]:
    root = bench.workshop.root
    return subprocess.Popen(
        [sys.executable, "-m", "interlock", "train", cnn.MODEL, "--repo", str(root), "--json"],
        env=bench.workshop.environment()
        | {
            "MLFLOW_TRACKING_URI": uri,
            "INTERLOCK_CHECKPOINTS": str(bench.checkpoints),
            "OMP_NUM_THREADS": "1",
            "CUDA_VISIBLE_DEVICES": "",
            "SHELL": "/bin/bash",
            "TMPDIR": os.fspath(root.parent),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_train__in_two_processes_killed_and_run_again(
    bench: Bench,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    number: signal.Signals,
) -> None:
    uri = migrated.copy(tmp_path_factory, tmp_path / "mlflow")
    process = start(bench, uri)
    assert process.stderr is not None
    printed = []
    for line in process.stderr:
        printed.append(line)
        if f"step {2 * STEPS_PER_EPOCH} of" in line:
            break
    assert any("one of 2" in line for line in printed), "".join(printed)
    process.send_signal(number)
    process.communicate(timeout=120)
    assert process.returncode == (130 if number == signal.SIGINT else -number)
    again = start(bench, uri)
    out, err = again.communicate(timeout=280)
    assert again.returncode == 0, err
    assert "digits-cnn: training" in err
    assert "going on after step" in err
    candidate = tiny.document(out)
    facts = candidate["facts"]
    assert isinstance(facts, dict)
    assert facts["resumed_from"] >= 2 * STEPS_PER_EPOCH
    assert facts["attempts"] == 2
    assert list((bench.checkpoints / cnn.MODEL).iterdir()) == []
    names = json.dumps(candidate["files"])
    assert f"{cnn.MODEL}/predictions.parquet" in names
