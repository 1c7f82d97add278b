"""`interlock evaluate` with real Git and MLflow, where somebody else writes runs, too."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests import migrated, tiny
from tests.tiny import Tiny

LEDGER = "interlock-ledger"
PREDICTIONS = "id,target,prediction\n1,a,a\n2,b,b\n3,a,a\n"


class Shop:
    """A repository with the models `tiny` and `vital`, and a run store that anybody may write."""

    def __init__(self, folder: Path, uri: str, programs: Path) -> None:
        self.repo: Tiny = tiny.make(folder)
        self.program = programs / "interlock"
        self.uri = uri
        home = self.repo.root / "tiny"
        for path in sorted(each for each in home.rglob("*") if each.is_file()):
            text = path.read_text().replace("tiny", "vital")
            goal = self.repo.root / "vital" / path.relative_to(home)
            goal.parent.mkdir(parents=True, exist_ok=True)
            goal.write_text(text)
        self.declare(0.5)

    def declare(self, least: float) -> None:
        """Have the gate of both models ask for so much."""
        for model in ("tiny", "vital"):
            path = self.repo.root / model / "model.yaml"
            text = re.sub(r"min: [0-9.]+", f"min: {least}", path.read_text())
            path.write_text(text)
        self.repo.git("add", "--all")
        self.repo.git("commit", "--quiet", "-m", f"Ask for {least}")

    def call(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        done = subprocess.run(
            [self.program, *arguments, "--json", "--repo", self.repo.root],
            capture_output=True,
            text=True,
            check=False,
            env=tiny.environment(self.repo, self.repo.root.parent / "home", self.uri),
        )
        return done.returncode, json.loads(done.stdout or "{}") | {"said": done.stderr}

    def plant(self, document: dict[str, Any], *, model: str, fingerprint: str) -> str:
        """A complete run that is found as one of `model`, begun in 1970, of any document."""
        from interlock.adapters.mlflow import client, runs  # noqa: PLC0415 - slow to import

        runs.MlflowRuns(self.uri).prepare(model=model)
        tags = {client.MODEL: model, client.FINGERPRINT: fingerprint, client.KIND: "candidate"}
        with client.connect(self.uri).reaching("plant") as mlflow:
            experiment = mlflow.get_experiment_by_name(f"interlock/{model}").experiment_id
            run_id = str(mlflow.create_run(experiment, start_time=1, tags=tags).info.run_id)
            text = json.dumps(document | {"run_id": run_id})
            with tempfile.TemporaryDirectory() as folder:
                Path(folder, "candidate.json").write_text(text)
                Path(folder, "predictions.csv").write_text(PREDICTIONS)
                Path(folder, "model").mkdir()
                Path(folder, "model", "weights.txt").write_text("planted")
                mlflow.log_artifacts(run_id, folder)
            mlflow.set_tag(run_id, client.COMPLETE, hashlib.sha256(text.encode()).hexdigest())
        return run_id

    def records(self) -> list[str]:
        text = self.repo.git("for-each-ref", "--format=%(refname)", f"refs/heads/{LEDGER}")
        return self.repo.git("ls-tree", "-r", "--name-only", LEDGER).splitlines() if text else []

    def evidence(self, model: str) -> dict[str, Any]:
        (path,) = [each for each in self.records() if each.startswith(f"evidence/{model}/")]
        document: dict[str, Any] = json.loads(self.repo.git("show", f"{LEDGER}:{path}"))[
            "candidate"
        ]
        return document


def planted(like: dict[str, Any]) -> dict[str, Any]:
    """What a run says that holds the planted files."""
    predictions = hashlib.sha256(PREDICTIONS.encode()).hexdigest()
    weights = hashlib.sha256(b"planted").hexdigest()
    model = hashlib.sha256(f"weights.txt\0{weights}\n".encode()).hexdigest()
    return like | {
        "model": {"path": "model", "sha256": model, "size_bytes": 7},
        "predictions": {
            "path": "predictions.csv",
            "sha256": predictions,
            "size_bytes": len(PREDICTIONS),
        },
    }


@pytest.fixture
def shop(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, programs: Path) -> Shop:
    return Shop(tmp_path, migrated.copy(tmp_path_factory, tmp_path / "mlflow"), programs)


def test_evaluate__of_one_model_writes_no_record_of_another(shop: Shop) -> None:
    code, vital = shop.call("train", "vital")
    assert code == 0, vital["said"]
    code, known = shop.call("evaluate", "tiny")
    (tiny_,) = known["models"]
    document = planted({key: vital[key] for key in vital if key != "said"})
    run_id = shop.plant(document, model="tiny", fingerprint=tiny_["fingerprint"])
    code, answer = shop.call("evaluate", "tiny")
    assert code == 1
    (model,) = answer["models"]
    assert (model["model"], model["outcome"]) == ("tiny", "refused")
    for word in (run_id, "'vital'", "'tiny'"):
        assert word in model["sentence"]
    assert shop.records() == []


def test_evaluate__no_run_of_1970_takes_the_place_of_the_one_that_was_judged(shop: Shop) -> None:
    code, honest = shop.call("train", "vital")
    assert code == 0, honest["said"]
    assert shop.call("evaluate", "vital")[0] == 0
    document = planted({key: honest[key] for key in honest if key != "said"})
    early = shop.plant(document, model="vital", fingerprint=honest["fingerprint"])
    # The honest one is right in two of three rows, the planted one in all of them.
    shop.declare(0.9)
    code, answer = shop.call("evaluate", "vital")
    assert (code, answer["models"][0]["outcome"]) == (1, "fail")
    repeat = {"run_id": early, "repeats": honest["run_id"], "same_bytes": False}
    assert answer["models"][0]["repeats"] == [repeat]
    assert f"run {early} is a repeat of run {honest['run_id']}" in answer["said"]
    assert shop.evidence("vital")["run_id"] == honest["run_id"]


def test_evaluate__before_there_is_evidence_no_time_decides_between_two_runs(shop: Shop) -> None:
    code, honest = shop.call("train", "vital")
    assert code == 0, honest["said"]
    document = planted({key: honest[key] for key in honest if key != "said"})
    early = shop.plant(document, model="vital", fingerprint=honest["fingerprint"])
    for verb in ("evaluate", "train"):
        code, answer = shop.call(verb, "vital")
        assert code == 1
        for run_id in (early, honest["run_id"]):
            assert run_id in json.dumps(answer)
    assert shop.records() == []
