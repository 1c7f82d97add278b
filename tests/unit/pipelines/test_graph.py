"""The lineage holds the pipeline's own graph: who reads which input, and which stage's outputs."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlock import wiring
from interlock.domain.model import lineage as lineages
from interlock.domain.model.lineage import InputKind, Lineage
from interlock.services import snapshots
from tests.unit.pipelines.history import HERE, History, model

FILE = f"{HERE}/dvc.yaml"


def read(history: History) -> Lineage:
    model_at = snapshots.Reader().read_model(
        wiring.repository(history.folder).tree("refs/heads/main"), "digits"
    )
    assert model_at.lineage is not None, model_at.blocked
    return model_at.lineage


def readers(lineage: Lineage) -> dict[str, set[str]]:
    """Name of each file below the model's folder to the stages that read it."""
    actual: dict[str, set[str]] = {}
    for each in lineage.inputs:
        names = {reader.removeprefix(f"{FILE}:") for reader in each.readers}
        actual.setdefault(each.path.removeprefix(f"{HERE}/"), set()).update(names)
    return actual


def test_input__names_the_stages_that_declare_it(history: History) -> None:
    pipeline = """\
stages:
  prepare:
    cmd: python prepare.py
    deps: [prepare.py, ../shared/splitting.py, data/rows.csv]
    params: [split.share]
    outs: [prepared.csv]
  train:
    cmd: python train.py
    deps: [train.py, ../shared/splitting.py, prepared.csv]
    params: [train.c, split.share]
    outs: [model, predictions.csv]
"""
    history.commit(model(pipeline))

    lineage = read(history)

    actual = readers(lineage)
    assert actual["prepare.py"] == {"prepare"}
    assert actual["train.py"] == {"train"}
    assert actual["data/rows.csv"] == {"prepare"}
    assert actual["model-manifests/shared/splitting.py"] == {"prepare", "train"}
    assert actual["uv.lock"] == actual["model.yaml"] == set()
    by_key = {i.name: i.readers for i in lineage.inputs if i.kind is InputKind.PARAMS}
    assert by_key["split.share"] == (f"{FILE}:prepare", f"{FILE}:train")
    assert by_key["train.c"] == (f"{FILE}:train",)
    assert lineage.edges == ((f"{FILE}:prepare", f"{FILE}:train"),)


def test_frozen_stage__what_it_left_is_read_by_the_stages_after_it(history: History) -> None:
    pipeline = """\
stages:
  fetch: {cmd: python fetch.py, deps: [fetch.py], outs: [raw.csv], frozen: true}
  one: {cmd: python one.py, deps: [one.py, raw.csv], outs: [one.csv]}
  two: {cmd: python two.py, deps: [two.py, raw.csv], outs: [two.csv]}
  train:
    cmd: python train.py
    deps: [train.py, one.csv, two.csv]
    outs: [model, predictions.csv]
"""
    lock = "schema: '2.0'\nstages:\n  fetch:\n    cmd: python fetch.py\n    outs:\n"
    lock += f"    - {{path: raw.csv, md5: {'a' * 32}, hash: md5, size: 3}}\n"
    programs = {f"{name}.py": "print()\n" for name in ("fetch", "one", "two")}
    history.commit(model(pipeline, **programs, **{"dvc.lock": lock}))

    lineage = read(history)

    assert readers(lineage)["raw.csv"] == {"one", "two"}
    assert set(lineage.edges) == {
        (f"{FILE}:one", f"{FILE}:train"),
        (f"{FILE}:two", f"{FILE}:train"),
    }


def test_fingerprint__does_not_count_who_reads_what(history: History) -> None:
    history.commit(model())
    lineage = read(history)
    bare = replace(
        lineage, edges=(), inputs=tuple(replace(each, readers=()) for each in lineage.inputs)
    )
    assert lineages.fingerprint(bare) == lineages.fingerprint(lineage)


@st.composite
def graphs(draw: st.DrawFn) -> list[set[int]]:
    """For each stage, the earlier stages whose output it reads; the last stage is the target."""
    count = draw(st.integers(1, 7))
    return [draw(st.sets(st.integers(0, max(0, i - 1)))) if i else set() for i in range(count)]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(graph=graphs())
def test_edges__are_those_of_the_pipeline(graph: list[set[int]]) -> None:
    last = len(graph) - 1
    stages = {
        f"s{i}": {
            "cmd": f"python train.py {i}",
            "deps": ["train.py", *(f"{j}.csv" for j in sorted(makers))],
            "outs": [f"{i}.csv", *(["model", "predictions.csv"] if i == last else [])],
        }
        for i, makers in enumerate(graph)
    }
    needed = {last}
    for i in reversed(range(last)):
        if any(i in graph[j] for j in needed):
            needed.add(i)
    with tempfile.TemporaryDirectory() as folder:
        history = History(Path(folder, "repository.git"))
        files = model(yaml.safe_dump({"stages": stages}))
        manifest = str(files[f"{HERE}/model.yaml"]).replace("train}", f"s{last}}}")
        history.commit(files | {f"{HERE}/model.yaml": manifest})
        lineage = read(history)

    assert set(lineage.edges) == {
        (f"{FILE}:s{j}", f"{FILE}:s{i}") for i in needed for j in graph[i]
    }
    assert len(lineage.edges) == len(set(lineage.edges))
    assert readers(lineage)["train.py"] == {f"s{i}" for i in needed}
    assert lineage.stages[-1] == f"{FILE}:s{last}"
