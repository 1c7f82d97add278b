"""Metrics and parameters that a dvc.yaml lists at its top belong to the model that leaves them."""

from __future__ import annotations

import pytest

from interlock import wiring
from interlock.domain.training.plan import Decision
from interlock.pipelines import Project, Tracer, metrics_files
from tests.unit.pipelines.history import HERE, PIPELINE, Content, History, model

STAGES = """\
stages:
  train: {cmd: a, deps: [train.py], outs: [model, logs]}
  evaluate: {cmd: b, deps: [train.py, model], outs: [{eval/plots: {cache: false}}]}
  other: {cmd: c, deps: [train.py], outs: [other.json, others]}
"""


def traced(
    history: History, files: dict[str, Content], target: str = "evaluate"
) -> tuple[Project, Tracer]:
    history.commit({"m/train.py": "1", "m/dvc.yaml": STAGES, ".dvc/config": "", **files})
    project = Project(
        wiring.repository(history.folder).tree("main"), resolve_templates=wiring.resolve_templates
    )
    return project, Tracer(project)


@pytest.mark.parametrize(
    ("top", "metrics", "params"),
    [
        ("metrics: [eval/metrics.json]\n", ("m/eval/metrics.json",), ()),
        ("metrics: [logs/metrics.json, logs/metrics.json]\n", ("m/logs/metrics.json",), ()),
        ("metrics: [eval/plots, ../all.json]\n", ("m/eval/plots", "all.json"), ()),
        ("metrics: [other.json, others/a.json]\n", (), ()),
        ("metrics: [../../x.json, /x.json, 's3://acme/x.json']\n", (), ()),
        ("params: [logs/params.yaml]\nmetrics: [model]\n", ("m/model",), ("m/logs/params.yaml",)),
        ("vars: [{d: logs}]\nmetrics: ['${d}/metrics.json']\n", ("m/logs/metrics.json",), ()),
    ],
)
def test_figures__of_the_top_of_the_pipelines_own_file(
    history: History, top: str, metrics: tuple[str, ...], params: tuple[str, ...]
) -> None:
    project, tracer = traced(history, {"m/dvc.yaml": top + STAGES})
    figures = metrics_files.of(project, tracer.trace("m/dvc.yaml", "evaluate").stages)
    assert figures == metrics_files.Figures(metrics, params)


def test_figures__of_a_file_inside_an_output_of_a_stage(history: History) -> None:
    live = "metrics: [metrics.json]\nparams: [params.yaml]\n"
    files: dict[str, Content] = {"m/logs/dvc.yaml": live, "n/dvc.yaml": live}
    project, tracer = traced(history, files)
    figures = metrics_files.of(project, tracer.trace("m/dvc.yaml", "evaluate").stages)
    assert figures == metrics_files.Figures(("m/logs/metrics.json",), ("m/logs/params.yaml",))


def test_figures__of_a_stage_that_is_not_upstream_are_not_the_targets(history: History) -> None:
    project, tracer = traced(history, {"m/dvc.yaml": "metrics: [logs/m.json]\n" + STAGES})
    assert (
        metrics_files.of(project, tracer.trace("m/dvc.yaml", "other").stages)
        == metrics_files.Figures()
    )


def test_figures__that_no_stage_makes_are_lost_with_a_stored_run(history: History) -> None:
    top = "metrics: [eval/metrics.json, logs/metrics.json, kept.json]\n"
    project, tracer = traced(history, {"m/dvc.yaml": top + STAGES, "m/kept.json": "{}"})
    (warning,) = metrics_files.lost(project, tracer.trace("m/dvc.yaml", "evaluate").stages)
    assert warning.startswith(
        "m/dvc.yaml names the metrics eval/metrics.json, which no stage makes"
    )
    assert "`metrics: [{eval/metrics.json: {cache: false}}]`" in warning


def test_plan__warns_of_metrics_that_a_stored_run_lacks(history: History) -> None:
    history.commit(model())
    model_plan = history.after({f"{HERE}/dvc.yaml": "metrics: [eval/metrics.json]\n" + PIPELINE})
    assert model_plan.decision is Decision.UNAFFECTED
    changed = history.after({f"{HERE}/train.py": "print('other')\n"})
    (warning,) = changed.warnings
    assert warning.startswith(f"{HERE}/dvc.yaml names the metrics eval/metrics.json")
