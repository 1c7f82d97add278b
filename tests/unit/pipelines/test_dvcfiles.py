"""What DVC refuses in its own files blocks the model, with the place and what to do."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.domain.training.plan import Decision
from interlock.pipelines import dvcfiles
from interlock.yaml_reader import file_errors
from tests.unit.pipelines.history import HERE, PIPELINE, Content, History, model, pointer


def changed(*swaps: tuple[str, str], more: str = "") -> str:
    text = PIPELINE
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    return text + more


TRAIN_OUTS = "[model, predictions.csv]"
REFUSED: dict[str, tuple[str, str]] = {
    "field of nobody": (
        "x-common: {a: 1}\n" + PIPELINE,
        "1:1: DVC knows no field 'x-common' in the file",
    ),
    "meta at the top": ("meta: {a: 1}\n" + PIPELINE, "1:1: DVC knows no field 'meta' in the file"),
    "stages misspelled": ("stage: {}\n", "1:1: DVC knows no field 'stage' in the file"),
    "no stages": ("stages:\n", "1:1: stages is empty, and must be a mapping"),
    "stage without body": ("stages:\n  train:\n", "2:3: stages.train is empty, and must be a"),
    "metrics as a text": (
        PIPELINE + "metrics: m.json\n",
        "13:10: metrics is text ('m.json'), and must be a list, each entry a text",
    ),
    "params as a mapping": (
        PIPELINE + "params: {params.yaml: [a]}\n",
        "13:9: params is a mapping, and must be a list, each entry a text",
    ),
    "artifact without path": (
        PIPELINE + "artifacts: {m: {type: model}}\n",
        "13:13: artifacts.m has no field 'path'",
    ),
    "option of an output misspelled": (
        changed((TRAIN_OUTS, "[{model: {cach: false}}, predictions.csv]")),
        "11:21: DVC knows no field 'cach' in stages.train.outs[0].model (did you mean 'cache'?)",
    ),
    "option of an output of another kind": (
        changed((TRAIN_OUTS, "[{model: {cache: 'no'}}, predictions.csv]")),
        "11:28: stages.train.outs[0].model.cache is text ('no'), and must be true or false",
    ),
    "output with a colon too many": (
        changed((TRAIN_OUTS, "[{model: }, predictions.csv]")),
        "11:13: stages.train.outs[0].model is empty, and must be a mapping",
    ),
    "option of a plot misspelled": (
        PIPELINE + "    plots: [{p.csv: {xy: 1}}]\n",
        "13:22: DVC knows no field 'xy' in stages.train.plots[0].p.csv",
    ),
    "field misspelled": (changed(("  deps: [train", "  dep: [train")), "9:5: DVC knows no field"),
    "deps as a text": (
        changed(("[prepare.py, ../shared/splitting.py, data/rows.csv]", "prepare.py")),
        "4:11: stages.prepare.deps is text",
    ),
    "deps of numbers": (
        changed(("[train.py, prepared.csv]", "[train.py, 1]")),
        "9:22: stages.train.deps[1] is a number (1), and must be a text",
    ),
    "deps of dates": (
        changed(("[train.py, prepared.csv]", "[train.py, 2026-01-01]")),
        "9:22: stages.train.deps[1] is a date (2026-01-01), and must be a text",
    ),
    "no cmd": (changed(("    cmd: python train.py\n", "")), "7:3: stages.train has no field 'cmd'"),
    "frozen as a text": (
        PIPELINE + "    frozen: yes\n",
        "13:13: stages.train.frozen is text ('yes'), and must be true or false",
    ),
    "key that is a number": (
        "stages: {1: {cmd: a, deps: [train.py]}}\n",
        "1:9: a key of stages is a number (1), and must be a text",
    ),
    "foreach without do": (
        "stages: {train: {foreach: [a], cmd: x}}\n",
        "1:10: stages.train has no field 'do'",
    ),
    "list of stages": ("stages: [train]\n", "1:9: stages is a list, and must be a mapping"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_pipeline__that_dvc_refuses_is_blocked_with_the_place(history: History, name: str) -> None:
    text, problem = REFUSED[name]
    history.commit(model())
    model_plan = history.after({f"{HERE}/dvc.yaml": text})
    assert model_plan.decision is Decision.BLOCKED, model_plan.sentence
    assert model_plan.sentence.startswith(f"{HERE}/dvc.yaml:{problem}")


def test_pipeline__says_how_many_faults_there_are(history: History) -> None:
    history.commit(model())
    text = changed((TRAIN_OUTS, "[{model: {cach: 1}}, {x: }]"), more="meta: {}\n")
    assert "(and 2 more)" in history.after({f"{HERE}/dvc.yaml": text}).sentence


@pytest.mark.parametrize(
    "text", ["- a\n- b\n", "[]", "0", "''", "null", "", "# nothing\n", "stages: {}\n"]
)
def test_pipeline__that_is_empty_has_no_stage(history: History, text: str) -> None:
    history.commit(model())
    model_plan = history.after({f"{HERE}/dvc.yaml": text})
    assert model_plan.decision is Decision.BLOCKED
    no_mapping = text.startswith("- ")
    assert ("must be a mapping" if no_mapping else "has no stage 'train'") in model_plan.sentence


OF_OTHERS: dict[str, dict[str, Content]] = {
    "dvc.yaml": {"other/dvc.yaml": "metrics: x\n"},
    "dvc.yaml with conflict markers": {"other/dvc.yaml": "stages:\n<<<<<<< HEAD\n  a: 1\n"},
    "dvc.lock": {"other/dvc.yaml": "stages: {}\n", "other/dvc.lock": "<<<<<<< HEAD\n"},
    "pointer": {"other/data.csv.dvc": "outs:\n- md5: 1\n"},
    "parameters": {"other/params.yaml": "a: 1\t# x\n"},
}


@pytest.mark.parametrize("name", OF_OTHERS)
def test_file__of_another_model_that_is_broken_is_nothing_here(history: History, name: str) -> None:
    history.commit(model())
    assert history.after(OF_OTHERS[name]).decision is Decision.UNAFFECTED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (pointer().replace("size: 21300", "size: big"), "3:9: outs[0].size is text ('big')"),
        (pointer().replace("  path: rows.csv\n", ""), "an out has no path inside the repository"),
        (pointer().replace("hash: md5", "hsah: md5"), "4:3: DVC knows no field 'hsah' in outs[0]"),
        ("outs: rows.csv\n", "1:7: outs is text ('rows.csv'), and must be a list"),
        ("outs: []\n", "has no list `outs`"),
        ("<<<<<<< HEAD\nouts: []\n", "1:1: conflict markers of a merge"),
    ],
)
def test_pointer__that_dvc_refuses_is_blocked(history: History, text: str, message: str) -> None:
    history.commit(model())
    model_plan = history.after({f"{HERE}/data/rows.csv.dvc": text})
    assert model_plan.decision is Decision.BLOCKED
    assert f"{HERE}/data/rows.csv.dvc" in model_plan.sentence
    assert message in model_plan.sentence


def refusal(reader: Any, text: str) -> file_errors.InvalidFile:
    with pytest.raises(file_errors.InvalidFile) as raised:
        reader(text.encode(), path="x")
    return raised.value


def test_file__says_every_fault_in_order() -> None:
    text = "stages:\n  a: {cmd: 1, dep: []}\n  b: {}\nmetrics: x\n"
    diagnostics = refusal(dvcfiles.pipeline, text).diagnostics
    assert [(d.line, d.column) for d in diagnostics] == [(2, 12), (2, 15), (3, 3), (4, 10)]
    assert all(d.path == "x" for d in diagnostics)


def test_file__with_faults_without_number_says_the_first() -> None:
    text = "stages:\n" + "".join(f"  s{n}: {{}}\n" for n in range(500))
    assert len(refusal(dvcfiles.pipeline, text).diagnostics) == 100
