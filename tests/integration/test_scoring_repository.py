"""`interlock evaluate` as a job calls it: real Git, real ledger, MLflow, and the documents."""

from __future__ import annotations

import json
import subprocess
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests import migrated, tiny
from tests.tiny import Tiny

SCHEMAS = {
    name: json.loads(
        resources.files("interlock").joinpath(f"schemas/{name}.v1.json").read_text("utf-8")
    )
    for name in ("data", "evaluations", "verdict", "evidence")
}
LEDGER = "interlock-ledger"


def check(document: dict[str, Any], name: str) -> None:
    jsonschema.Draft202012Validator(SCHEMAS[name]).validate(document)


def call(program: Path, repo: Tiny, uri: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *arguments, "--repo", str(repo.root)],
        capture_output=True,
        text=True,
        check=False,
        env=tiny.environment(repo, repo.root.parent / "home", uri),
    )


def test_evaluate__after_a_training_leaves_a_ledger_that_git_can_show(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, programs: Path
) -> None:
    interlock = programs / "interlock"
    repo = tiny.make(tmp_path)
    head = repo.git("rev-parse", "HEAD")
    uri = migrated.copy(tmp_path_factory, tmp_path / "mlflow")
    nothing = call(interlock, repo, uri, "evaluate", "tiny", "--json")
    assert (nothing.returncode, json.loads(nothing.stdout)["models"][0]["outcome"]) == (
        1,
        "refused",
    )
    assert call(interlock, repo, uri, "train", "tiny").returncode == 0

    done = call(interlock, repo, uri, "evaluate", "--rev", head, "--json")
    document = json.loads(done.stdout)
    check(document, "evaluations")
    (model,) = document["models"]
    # Two of three rows are an "a", and the program calls everything an "a".
    assert (done.returncode, model["outcome"], model["new"]) == (0, "pass", True)
    check(model["verdict"], "verdict")

    paths = repo.git("ls-tree", "-r", "--name-only", LEDGER).splitlines()
    assert [path.split("/")[0] for path in paths] == ["data", "evidence", "verdicts"]
    drawn = repo.git("ls-tree", "-r", "--name-only", "interlock-pictures").splitlines()
    assert drawn == list(model["verdict"]["pictures"].values())
    data, evidence, verdict = paths
    for path, name in ((data, "data"), (evidence, "evidence"), (verdict, "verdict")):
        check(json.loads(repo.git("show", f"{LEDGER}:{path}")), name)
    known = json.loads(repo.git("show", f"{LEDGER}:{evidence}"))
    assert known["scores"]["accuracy"] == pytest.approx(2 / 3)
    assert known["rows"]["count"] == 3
    assert list(known["pictures"].values()) == drawn
    assert repo.git("log", "--format=%s", LEDGER) == f"Evaluate tiny at {head[:12]}"

    again = call(interlock, repo, uri.replace("mlflow.db", "gone.db"), "evaluate", "tiny")
    assert again.returncode == 0
    assert "(from the ledger)" in again.stdout
    assert repo.git("rev-list", "--count", LEDGER) == "1"
    assert repo.git("status", "--porcelain") == ""
