"""The sentences that say what differs."""

from __future__ import annotations

import dataclasses
import json

import pytest

from interlock.domain.evaluation import rule_changes
from interlock.domain.model import lineage_changes
from interlock.domain.model.lineage import Input, InputKind, Lineage
from interlock.domain.model.lineage_changes import InputChange
from interlock.domain.model.manifest import Evaluation, GateRule, Promote, Task
from tests.unit.domain.test_plan import MANIFEST


def compare(before: list[Input], after: list[Input]) -> list[InputChange]:
    one, other = (Lineage("m", tuple(inputs), ()) for inputs in (before, after))
    return list(lineage_changes.compare(one, other, folder="m"))


def data(md5: str, size: int | None, rows: int | None, path: str = "m/d.csv") -> Input:
    return Input(InputKind.DATA, path, f"md5:{md5}", size_bytes=size, rows=rows)


@pytest.mark.parametrize(
    ("one", "other", "sentence"),
    [
        ((21_300, 353), (27_000, 442), "grew from 353 to 442 rows (+89), 21 kB to 27 kB"),
        ((27_000, 442), (21_300, 353), "shrank from 442 to 353 rows (-89), 27 kB to 21 kB"),
        ((None, 353), (27_000, 442), "grew from 353 to 442 rows (+89)"),
        ((900, None), (1_500_000, None), "changed from 900 B to 1.5 MB"),
        ((900, 3), (901, 3), "changed from 900 B to 901 B, still 3 rows"),
        ((900, 3), (900, 3), "changed, still 900 B, still 3 rows"),
        ((900, None), (900, 3), "changed, still 900 B"),
        ((None, None), (900, 3), "changed (md5:a to md5:b)"),
        ((0, 0), (0, 0), "changed, still 0 B, still 0 rows"),
    ],
)
def test_data__rows_and_sizes(
    one: tuple[int | None, int | None], other: tuple[int | None, int | None], sentence: str
) -> None:
    (input_change,) = compare([data("a", *one)], [data("b", *other)])
    assert input_change.sentence == f"d.csv {sentence}"


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9949, "9.9 kB"), (9951, "10 kB"),
     (10_400, "10 kB"), (999_600, "1.0 MB"), (27_000_000, "27 MB"), (5 * 10**12, "5.0 TB"),
     (5 * 10**15, "5000 TB")],
)  # fmt: skip
def test_size__in_decimal_units(count: int, text: str) -> None:
    assert lineage_changes.size(count) == text


def test_change__data_that_comes_and_goes() -> None:
    (input_change,) = compare([], [data("a", 900, 3)])
    assert (input_change.sentence, input_change.before, input_change.after) == (
        "d.csv is new (3 rows, 900 B)",
        None,
        "3 rows, 900 B, md5:a",
    )
    (input_change,) = compare([data("a", None, None)], [])
    assert (input_change.sentence, input_change.before, input_change.after) == (
        "d.csv is no longer an input",
        "md5:a",
        None,
    )
    (input_change,) = compare([], [data("a", None, None)])
    assert input_change.sentence == "d.csv is new"


def parameter(value: str, name: str = "c") -> Input:
    return Input(InputKind.PARAMS, "m/p.yaml", f"value:{value}", name=name, text=value)


def test_change__parameters() -> None:
    (input_change,) = compare([parameter("1")], [parameter("2")])
    assert input_change == InputChange(
        InputKind.PARAMS, "m/p.yaml", "c", "1", "2", "p.yaml: c changed from 1 to 2"
    )
    (input_change,) = compare([], [parameter("2")])
    assert input_change.sentence == "p.yaml: c is new (2)"


def code(path: str, blob: str) -> Input:
    return Input(InputKind.CODE, path, f"git:{blob}")


def test_change__a_file_that_moved_is_one_change() -> None:
    (input_change,) = compare([code("m/a.py", "1")], [code("lib/b.py", "1")])
    assert (input_change.path, input_change.before, input_change.after) == (
        "lib/b.py",
        "m/a.py",
        "lib/b.py",
    )
    assert input_change.sentence == "a.py moved to lib/b.py"


def test_change__copies_are_not_guessed_to_have_moved() -> None:
    input_changes = compare([code("m/a.py", "1"), code("m/b.py", "1")], [code("m/c.py", "1")])
    assert [c.sentence for c in input_changes] == [
        "a.py is no longer an input",
        "b.py is no longer an input",
        "c.py is new",
    ]


def test_change__order_is_what_people_look_for_first() -> None:
    inputs = [Input(kind, "x", "git:1", name="n") for kind in InputKind]
    kinds = [c.kind.value for c in compare([], inputs)]
    assert kinds == ["params", "data", "code", "context", "pipeline", "manifest", "environment"]


def stage(**definition: object) -> Input:
    content = {"cmd": "a", "wdir": "", "deps": [], "params": {}, "outs": []} | definition
    digest = "value:" + json.dumps(content, sort_keys=True)
    return Input(InputKind.PIPELINE, "m/dvc.yaml", digest, name="train", text=str(content["cmd"]))


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ({"cmd": ["a", "b"]}, "its command changed from `a` to `a && b`"),
        ({"cmd": "x" * 99}, f"its command changed from `a` to `{'x' * 59}…`"),
        ({"wdir": "w"}, "it runs in w instead of ."),
        ({"deps": ["x", "y"]}, "it depends on x, y"),
        ({"params": {"p.yaml": ["a"]}}, "it reads parameters of p.yaml"),
        ({"outs": ["o"]}, "it makes o"),
    ],
)
def test_change__of_a_stage(definition: dict[str, object], message: str) -> None:
    (input_change,) = compare([stage()], [stage(**definition)])
    assert input_change.sentence == f"stage train: {message}"


def test_change__of_a_stage_that_declares_less_or_other_things() -> None:
    (input_change,) = compare([stage(deps=["x"], outs=["o"])], [stage(outs=["p"])])
    assert (
        input_change.sentence
        == "stage train: it no longer depends on x, it makes p, it no longer makes o"
    )
    (input_change,) = compare([stage(params={"p": ["a"]})], [stage(params={"p": ["b"]})])
    assert input_change.sentence == "stage train: it lists other params"


@pytest.mark.parametrize("digest", ["value:[1]", "value:{", "git:1"])
def test_change__of_a_stage_whose_definition_is_not_known(digest: str) -> None:
    other = dataclasses.replace(stage(), digest=digest)
    (input_change,) = compare([dataclasses.replace(stage(), digest="value:{}")], [other])
    assert input_change.sentence == "stage train: its definition changed"


def judged(**fields: object) -> list[str]:
    after = dataclasses.replace(MANIFEST, **fields)  # type: ignore[arg-type]
    return [c.sentence for c in rule_changes.differences(MANIFEST, after)]


def test_rules__differences_are_listed() -> None:
    assert judged(task=Task.BINARY) == ["task changed from multiclass to binary"]
    assert judged(evaluation=Evaluation("accuracy", ("stroke",), 3)) == [
        "evaluate.primary changed from f1_macro to accuracy",
        "evaluate.slices changed from none to stroke",
        "evaluate.seed changed from 0 to 3",
    ]
    assert judged(evaluation=Evaluation(MANIFEST.evaluation.primary, positive="fraud")) == [
        "evaluate.positive changed from none to 'fraud'",
    ]
    assert judged(promote=Promote(("production",), "d")) == [
        "promote.environments changed from staging, production to production",
        "promote.registry_name changed from digits to d",
    ]


def test_judging__gates() -> None:
    floor, size = MANIFEST.gates
    compared = GateRule("f1_macro", max_drop=0.01, against="champion", slice="stroke")
    assert judged(gates=(size, floor)) == []
    assert judged(gates=(dataclasses.replace(floor, line=99), size)) == []
    assert judged(gates=(floor,)) == ["gate model_size_mb max 20 is gone"]
    assert judged(gates=(floor, size, compared)) == [
        "gate f1_macro max_drop 0.01 against champion (confidence 0.95) in every stroke is new"
    ]
    assert judged(gates=(floor, floor, size)) == ["gate f1_macro min 0.95 is new"]
    assert judged(gates=(dataclasses.replace(floor, min=0.9), size)) == [
        "gate f1_macro min 0.95 became f1_macro min 0.9"
    ]


def test_judging__nothing_else_counts() -> None:
    assert judged(owner="@octocat", objective="Other.", lines={"gates.0": 3}) == []
    assert judged(environment=("uv.lock",)) == []
