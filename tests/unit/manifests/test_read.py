"""A sound manifest becomes its noun; what it leaves out has the defaults that the docs name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interlock import manifests
from interlock.domain.basics.diagnostics import Severity
from interlock.domain.model.column_map import ColumnMap
from interlock.domain.model.manifest import (
    Better,
    Evaluation,
    GateRule,
    Manifest,
    Outputs,
    Pipeline,
    PredictionsOutput,
    Promote,
    Runner,
    Task,
)
from interlock.domain.model.monitor_rules import Monitor
from tests.unit.manifests.examples import PATH, SOUND, with_gate, with_line


def read(text: str) -> Manifest:
    manifest, diagnostics = manifests.read(text.encode(), path=PATH)
    assert manifest is not None, diagnostics
    return manifest


def test_read__every_field() -> None:
    assert read(SOUND) == Manifest(
        path=PATH,
        model="digits",
        owner="@acme/vision",
        objective="Read handwritten digits on forms.",
        task=Task.MULTICLASS,
        pipeline=Pipeline(file="model-manifests/digits/dvc.yaml", target="train"),
        outputs=Outputs(
            model="model-manifests/digits/model",
            predictions=PredictionsOutput("model-manifests/digits/predictions.parquet"),
        ),
        environment=("uv.lock",),
        runner=Runner(labels=("self-hosted", "gpu"), gpus=1, timeout_minutes=60),
        evaluation=Evaluation(primary="f1_macro", slices=("writer_group",), seed=7),
        gates=(
            GateRule("f1_macro", min=0.95, line=11),
            GateRule("f1_macro", max_drop=0.005, against="champion", confidence=0.9, line=12),
            GateRule("accuracy", min=0.9, slice="writer_group", line=13),
            GateRule("dvc:train.seconds", max=600.0, line=14),
        ),
        promote=Promote(environments=("staging", "production"), registry_name="digits-v2"),
        monitor=Monitor(live="s3://acme/live", time="served_at"),
    )


def test_read__only_what_is_required() -> None:
    text = with_line("environment", "", with_line("runner", "", with_line("monitor", "")))
    text = with_line("evaluate", "evaluate: {primary: accuracy}", text)
    text = with_line("promote", "promote: {environments: [production]}", text)
    text = with_gate("{metric: accuracy, min: 0.5}", text)
    manifest = read(text)
    assert manifest.environment == ()
    assert manifest.runner == Runner(labels=("self-hosted",), gpus=0, timeout_minutes=60)
    assert manifest.evaluation == Evaluation("accuracy", slices=(), seed=0)
    assert manifest.promote.registry_name == "digits"


def test_read__lines_of_fields() -> None:
    lines = read(SOUND).lines
    assert lines["task"] == 4
    assert lines["gates.2.slice"] == 13
    assert lines["promote.environments.1"] == 15


@pytest.mark.parametrize(
    ("written", "columns"),
    [
        ("predictions.parquet", None),
        ("{path: predictions.parquet}", None),
        ("{path: predictions.parquet, id: pin, target: price}", ColumnMap(("pin",), "price")),
        ("{path: predictions.parquet, id: [store, day]}", ColumnMap(("store", "day"))),
        ("{path: predictions.parquet, id: row}", ColumnMap(())),
        ("{path: predictions.parquet, id: null}", ColumnMap(())),
        ("{path: predictions.parquet, id: [row]}", ColumnMap(("row",))),
        (
            "{path: predictions.parquet, prediction: p, scores: {'1': p_fraud}}",
            ColumnMap(prediction="p", scores=(("1", "p_fraud"),)),
        ),
    ],
)
def test_read__columns_of_predictions(written: str, columns: ColumnMap | None) -> None:
    outputs = read(with_line("outputs", f"outputs: {{model: m, predictions: {written}}}")).outputs
    path = "model-manifests/digits/predictions.parquet"
    assert outputs.predictions == PredictionsOutput(path, columns)


def test_read__without_predictions() -> None:
    text = with_line("outputs", "outputs: {model: m}", with_line("task", ""))
    text = with_line("monitor", "", with_line("evaluate", 'evaluate: {primary: "dvc:a.b"}', text))
    manifest = read(
        with_gate('{metric: "dvc:a.b", max_rise: 0.1, better: smaller, against: champion}', text)
    )
    assert (manifest.task, manifest.outputs) == (None, Outputs("model-manifests/digits/m"))
    rule = GateRule("dvc:a.b", max_rise=0.1, against="champion", better=Better.SMALLER, line=10)
    assert manifest.gates == (replace(rule, line=manifest.gates[0].line),)


def test_read__paths_of_another_folder() -> None:
    text = with_line("pipeline", "pipeline: {file: ../../shared/dvc.yaml, target: train@a}")
    assert read(text).pipeline == Pipeline("shared/dvc.yaml", "train@a")


@pytest.mark.parametrize("start", ["\ufeff", "# a comment\n", "%YAML 1.2\n---\n", "---\n"])
def test_read__harmless_beginnings(start: str) -> None:
    assert read(start + SOUND).model == "digits"


@pytest.mark.parametrize("end", ["\n...\n", "\r\n", "   # a comment without an end"])
def test_read__harmless_ends(end: str) -> None:
    assert read(SOUND + end).model == "digits"


def test_read__windows_line_ends() -> None:
    assert read(SOUND.replace("\n", "\r\n")) == read(SOUND)


def test_read__anchor_used_once_more() -> None:
    text = with_line("runner", "runner: {labels: &labels [gpu]}")
    text = with_line("evaluate", "evaluate: {primary: accuracy, slices: *labels}", text)
    assert read(with_gate("{metric: accuracy, min: 0.1}", text)).evaluation.slices == ("gpu",)


def test_read__warning_alone_leaves_the_noun() -> None:
    text = with_gate("{metric: accuracy, max: 0.9}")
    manifest, diagnostics = manifests.read(text.encode(), path=PATH)
    assert manifest is not None
    assert [d.severity for d in diagnostics] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("written", "label"),
    [("fraud", "fraud"), ('"1"', "1"), ("1", "1"), ("-1", "-1"), ("true", "true")],
)
def test_read__positive_class_is_a_label(written: str, label: str) -> None:
    text = with_line("task", "task: binary")
    text = with_line("evaluate", f"evaluate: {{primary: f1, positive: {written}}}", text)
    assert read(with_gate("{metric: f1, min: 0.5}", text)).evaluation.positive == label
    assert read(SOUND).evaluation.positive is None
