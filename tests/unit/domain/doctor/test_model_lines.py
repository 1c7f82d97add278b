"""The lines of one model: outputs, code, environment, metrics."""

from __future__ import annotations

import dataclasses

import pytest

from interlock.domain.doctor import model_lines
from interlock.domain.doctor.line import Mark, SettingCheck
from interlock.domain.doctor.model_lines import CheckedModel
from interlock.domain.model.lineage import Input, InputKind, Lineage
from interlock.domain.model.manifest import (
    Evaluation,
    GateRule,
    Manifest,
    Outputs,
    Pipeline,
    Promote,
    Runner,
)
from interlock.domain.model.snapshot import ModelAt
from interlock.domain.model.undeclared_files import Undeclared

MANIFEST = Manifest(
    path="model.yaml",
    model="churn",
    owner="@acme/growth",
    objective="Find who leaves.",
    task=None,
    pipeline=Pipeline("dvc.yaml", "train"),
    outputs=Outputs("model.pkl", None),
    environment=("uv.lock",),
    runner=Runner(),
    evaluation=Evaluation("dvc:test.auc"),
    gates=(GateRule("dvc:test.f1", min=0.9), GateRule("model_size_mb", max=20)),
    promote=Promote(("production",), "churn"),
)
LINEAGE = Lineage("churn", (Input(InputKind.CODE, "train.py", "git:1"),), ("dvc.yaml:train",))
MODEL = ModelAt(MANIFEST, LINEAGE)
FACTS = CheckedModel(MODEL, numbers={"test.auc": 0.9, "test.f1": 0.8})


def of_topic(topic: str, facts: CheckedModel) -> list[SettingCheck]:
    return [line for line in model_lines.lines(facts) if line.name == f"{topic} of churn"]


def only(topic: str, facts: CheckedModel) -> SettingCheck:
    (line,) = of_topic(topic, facts)
    return line


def facts_of(**changes: object) -> CheckedModel:
    """Return the facts of a model that differs from a sound one in `changes`."""
    return dataclasses.replace(FACTS, model=dataclasses.replace(MODEL, **changes))  # type: ignore[arg-type]


def use(path: str, sentence: str) -> Undeclared:
    return Undeclared("dvc.yaml", "train", path, path, sentence)


def test_no_model__names_each_problem_else_the_way_to_a_first_model() -> None:
    assert [each.sentence for each in model_lines.no_model(["a", "b"])] == ["a", "b"]
    (line,) = model_lines.no_model([])
    assert (line.mark, line.fix) == (Mark.WRONG, "interlock init")


def test_lines__of_a_sound_model() -> None:
    lines = list(model_lines.lines(FACTS))
    topics = ["pipeline", "outputs", "code", "environment", "metrics"]
    assert [each.name for each in lines] == [f"{topic} of churn" for topic in topics]
    assert {each.mark for each in lines} == {Mark.OK}


def test_lines__a_pipeline_that_is_blocked_has_no_other_line() -> None:
    (line,) = model_lines.lines(facts_of(lineage=None, blocked="no stage makes model.pkl"))
    assert (line.mark, line.sentence) == (Mark.WRONG, "no stage makes model.pkl")


def test_lines__outputs_that_git_tracks() -> None:
    line = only("outputs", dataclasses.replace(FACTS, tracked=("b", "a")))
    assert line.mark is Mark.WRONG
    assert "git rm -r --cached a b" in line.fix


@pytest.mark.parametrize(
    ("paths", "sentence", "fix"),
    [
        ("a", "uses a", "interlock plan --suggest-deps --write"),
        (("a", ""), "uses a; uses ", "list the files in `deps`, or name the program in `cmd`"),
        ("abcd", "uses a; uses b; uses c; and 1 more", "interlock plan --suggest-deps --write"),
    ],
)
def test_lines__files_are_suggested_only_if_all_are_known(
    paths: tuple[str, ...], sentence: str, fix: str
) -> None:
    line = only("code", facts_of(undeclared=tuple(use(path, f"uses {path}") for path in paths)))
    assert (line.mark, line.sentence, line.fix) == (Mark.WRONG, sentence, fix)


def test_lines__an_environment_without_fixed_versions() -> None:
    without = facts_of(manifest=dataclasses.replace(MANIFEST, environment=()))
    assert only("environment", without).sentence == "no file fixes the versions of its packages"
    open_ = only("environment", dataclasses.replace(FACTS, open_versions=("numpy is open",)))
    assert (open_.mark, open_.sentence) == (Mark.WRONG, "numpy is open")


def test_lines__a_warning_has_one_line() -> None:
    facts = facts_of(warnings=("uses a", "numpy is open", "look"), undeclared=(use("a", "uses a"),))
    facts = dataclasses.replace(facts, open_versions=("numpy is open",))
    line = only("inputs", facts)
    assert (line.mark, line.sentence) == (Mark.WRONG, "look")


@pytest.mark.parametrize(
    ("changes", "mark", "words"),
    [
        ({"numbers": None}, Mark.UNKNOWN, "a checkout is not there"),
        ({"absent": ("b.json", "a.json")}, Mark.UNKNOWN, "a.json and b.json is not there"),
        ({"numbers": {"test.auc": 1.0}}, Mark.WRONG, "no metrics file has test.f1"),
        ({}, Mark.OK, "the metrics files have test.auc and test.f1"),
    ],
)
def test_lines__metrics_of_the_pipeline_have_values(
    changes: dict[str, object], mark: Mark, words: str
) -> None:
    line = only("metrics", dataclasses.replace(FACTS, **changes))  # type: ignore[arg-type]
    assert line.mark is mark
    assert words in line.sentence


def test_lines__metrics_of_interlock_need_no_file() -> None:
    manifest = dataclasses.replace(MANIFEST, evaluation=Evaluation("f1_macro"), gates=())
    assert not of_topic("metrics", dataclasses.replace(facts_of(manifest=manifest), numbers=None))
