"""A training that is killed goes on where it was; one that is done leaves nothing behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interlock import errors
from interlock.adapters.dvc.pipeline import DvcPipeline
from tests import migrated, tiny, training
from tests.integration import test_train_command
from tests.tiny import Tiny

# Counts to four, a mark for each; waits for a kill after the second unless it began there.
COUNTING = """\
import hashlib, json, os, pathlib
folder = pathlib.Path(os.environ["INTERLOCK_CHECKPOINT_DIR"])
steps = [int(path.stem) for path in folder.glob("*.json")]
print(f"from {max(steps, default=0)}", flush=True)
for step in range(max(steps, default=0) + 1, 5):
    (folder / f"{step}.state").write_text(f"{step}")
    mark = {
        "schema": "interlock/checkpoint/v1",
        "file": f"{step}.state",
        "fingerprint": os.environ["INTERLOCK_FINGERPRINT"],
        "step": step,
        "sha256": hashlib.sha256(f"{step}".encode()).hexdigest(),
    }
    (folder / f"{step}.json").write_text(json.dumps(mark))
    if step == 2 and not steps:
        print("ready", flush=True)
        os.read(os.pipe()[0], 1)
pathlib.Path("model").mkdir(exist_ok=True)
pathlib.Path("model/weights.txt").write_text("4")
pathlib.Path("predictions.csv").write_text("id,target,prediction\\n1,a,a\\n")
pathlib.Path("metrics.json").write_text("{}")
"""


@pytest.fixture
def repo(tmp_path: Path) -> Tiny:
    repo = tiny.make(tmp_path)
    repo.commit(train_py=COUNTING)
    return repo


@pytest.fixture
def uri(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    return migrated.copy(tmp_path_factory, tmp_path / "mlflow")


def test_train__killed_and_run_again_goes_on(repo: Tiny, uri: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    more = {"INTERLOCK_CHECKPOINTS": str(kept), "SHELL": "/bin/bash"}
    process = test_train_command.start(repo, uri, **more)
    test_train_command.wait_for("ready", process)
    process.kill()
    process.communicate(timeout=60)
    [folder] = (kept / "tiny").iterdir()
    assert (folder / "2.json").exists()
    again = test_train_command.start(repo, uri, "tiny", "--json", **more)
    out, err = again.communicate(timeout=100)
    assert again.returncode == 0, err
    assert "attempt 2, from the checkpoint of step 2" in err
    assert "from 2\n" in err
    facts = test_train_command.check(out, "candidate")["facts"]
    assert isinstance(facts, dict)
    assert (facts["resumed_from"], facts["attempts"]) == (2, 2)
    assert list((kept / "tiny").iterdir()) == []


# What stands for torch: it tells how it was started, and starts what it is given as often.
LAUNCHER = """\
import subprocess, sys
count = int(sys.argv[2].partition("=")[2])
print("launched", sys.argv[1:], flush=True)
for rank in range(count):
    subprocess.run([sys.executable, *sys.argv[3:]], check=True, start_new_session=True)
"""


def test_train__a_program_is_started_by_its_launcher(repo: Tiny, uri: str, tmp_path: Path) -> None:
    package = tmp_path / "site" / "torch" / "distributed"
    package.mkdir(parents=True)
    (package / "run.py").write_text(LAUNCHER)
    (package.parent / "__init__.py").touch()
    manifest = tiny.MANIFEST + "training: {launcher: torchrun, gpus: 2}\n"
    repo.commit(train_py=tiny.TRAIN, model_yaml=manifest)
    process = test_train_command.start(
        repo, uri, "tiny", "--json", PYTHONPATH=str(tmp_path / "site")
    )
    out, err = process.communicate(timeout=100)
    assert process.returncode == 0, err
    assert "launched ['--standalone', '--nproc-per-node=2', 'train.py']" in err
    # Only the target: what is prepared is prepared once.
    assert repo.ran == ["prepare", "train", "train"]
    lock = json.loads(out)["lock"]["tiny/dvc.lock"]
    assert lock["train"]["cmd"] == "python train.py"


def test_train__a_launcher_without_a_program_to_start_is_reported(
    repo: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY_COUNT", str(repo.count))
    repo.commit(dvc_yaml=tiny.PIPELINE.replace("python train.py", "exec python train.py"))
    job = training.job(repo.root, tmp_path / "tree", launch="-m launcher")
    with pytest.raises(errors.CannotTrain, match="train begins with `python` and a program") as e:
        DvcPipeline().run(job, check=lambda _: None, say=lambda _: None)
    assert "let the target's cmd begin with `python`" in e.value.hint
    assert repo.ran == ["prepare"]


def test_train__a_machine_without_the_gpu_is_refused_before_anything_is_pulled(
    repo: Tiny, uri: str
) -> None:
    runner = "runner: {labels: [self-hosted], gpus: 1, timeout_minutes: 5}"
    manifest = tiny.MANIFEST.replace("runner: {labels: [self-hosted], timeout_minutes: 5}", runner)
    repo.commit(train_py=tiny.TRAIN, model_yaml=manifest)
    process = test_train_command.start(repo, uri, CUDA_VISIBLE_DEVICES="")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 4, err
    assert out == ""
    assert "the manifest requires 1 GPU, and this machine has none that a program can see" in err
    assert repo.ran == []
    assert test_train_command.runs(uri, "attempt") == []
