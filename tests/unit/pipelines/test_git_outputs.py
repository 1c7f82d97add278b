"""What the stages of a model leave in Git is read from dvc.yaml alone."""

from __future__ import annotations

from interlock import wiring
from interlock.services import snapshots
from tests.unit.pipelines.history import HERE, History, model

PIPELINE = """\
stages:
  prepare:
    cmd: python prepare.py
    deps: [prepare.py]
    outs: [prepared.csv, {notes.csv: {cache: false}}]
    metrics: [{rows.json: {cache: false}}, cached.json]
  other:
    cmd: python other.py
    deps: [prepare.py]
    metrics: [{unrelated.json: {cache: false}}]
  train:
    cmd: python train.py
    wdir: .
    deps: [train.py, prepared.csv]
    outs: [model, predictions.csv]
    plots: [{loss.csv: {cache: false, x: step}}]
metrics: [live/metrics.json, model/own.json]
plots:
  - live/plots
  - curves.csv: {x: a, y: b}
  - by name: {x: {xs.csv: a}, y: {ys.csv: [b], ../up.json: c}}
"""


def test_git_outputs__of_the_stages_and_of_what_is_listed_beside_them(history: History) -> None:
    history.commit(model(PIPELINE))
    tree = wiring.repository(history.folder).tree("main")
    git_outputs = snapshots.read_model(tree, "digits").git_outputs
    assert {(out.path.removeprefix(f"{HERE}/"), out.is_measure) for out in git_outputs} == {
        ("notes.csv", False),
        ("rows.json", True),
        ("loss.csv", True),
        ("live/metrics.json", True),
        ("live/plots", True),
        ("curves.csv", True),
        ("xs.csv", True),
        ("ys.csv", True),
        ("model-manifests/up.json", True),
    }
    (rows,) = [out for out in git_outputs if out.written == "rows.json"]
    assert rows.stage == f"{HERE}/dvc.yaml:prepare"
