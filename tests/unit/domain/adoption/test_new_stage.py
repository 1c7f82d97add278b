"""The only stage of a new pipeline, from the names in its programs."""

from __future__ import annotations

from interlock.domain.adoption import new_stage
from interlock.domain.adoption.new_stage import NewStage


def test_choose__model_rows_and_metrics() -> None:
    names = ["in.csv", "clf.json", "b.pkl", "preds.csv", "eval/metrics.json", "metrics.txt"]
    made = new_stage.choose("python train.py", ("data/",), names, files={"preds.csv"})
    assert made == NewStage(
        "python train.py",
        ("data",),
        ("clf.json", "preds.csv"),
        ("eval/metrics.json",),
        frozenset(("preds.csv", "eval/metrics.json")),
    )


def test_choose__nothing_without_a_model() -> None:
    assert new_stage.choose("x", (), ["metrics.json"], files=()) is None
