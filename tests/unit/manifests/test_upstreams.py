"""Pointers and models that a manifest's retraining waits for, as `validate` finds them."""

from __future__ import annotations

import pytest

from interlock import manifests
from interlock.manifests import Checked, consistency
from interlock.manifests.consistency import RepositoryContents
from tests.unit.manifests.examples import SOUND, with_line

PATHS = (
    "model-manifests/digits/data/train.csv.dvc",
    "model-manifests/digits/dvc.yaml",
    "data/catalogue.csv.dvc",
    "uv.lock",
)


def model(name: str, *after: str, pointer: str = "data/train.csv.dvc") -> Checked:
    wait = f"after: [{', '.join(after)}]" if after else ""
    retrain = f"{{refresh: {{pointers: [{pointer}]}}, {wait}}}"
    section = f"monitor: {{live: live/, time: date, retrain: {retrain}}}"
    text = with_line("monitor", section).replace("digits", name).replace("vision", "acme")
    return manifests.check(text.encode(), path="model-manifests/digits/model.yaml")


def named(ends: tuple[str, ...], *, below: str) -> list[str]:
    return [path for path in PATHS if path.startswith(below) and path.endswith(ends)]


def children(folder: str) -> list[str]:
    return [path for path in PATHS if path.rpartition("/")[0] == folder]


def messages(checked: Checked) -> list[str]:
    return [f"{each.message} ({each.hint})" for each in checked.diagnostics]


def messages_of_models(*models: Checked) -> list[list[str]]:
    consistency.check_together(models)
    return [messages(each) for each in models]


def messages_of_paths(checked: Checked) -> list[str]:
    among = RepositoryContents(
        policy=None, paths=PATHS, named=named, children=children, pipelines={}
    )
    consistency.check(checked, among=among)
    return [each for each in messages(checked) if "dvc.yaml" not in each]


def test_pointers__that_are_there() -> None:
    assert messages_of_paths(model("digits", "../../data/catalogue.csv.dvc")) == []


def test_pointers__that_are_not() -> None:
    actual = messages_of_paths(
        model("digits", "../../data/catalog.csv.dvc", pointer="data/tran.csv.dvc")
    )
    assert actual == [
        "there is no model-manifests/digits/data/tran.csv.dvc (did you mean 'data/train.csv.dvc'?)",
        "there is no data/catalog.csv.dvc (did you mean '../../data/catalogue.csv.dvc'?)",
    ]


def test_pointers__with_nothing_near() -> None:
    actual = messages_of_paths(model("digits", pointer="other/rows.csv.dvc"))
    assert actual == ["there is no model-manifests/digits/other/rows.csv.dvc (`dvc add` makes one)"]


def test_models__one_after_another() -> None:
    assert messages_of_models(model("a"), model("b", "a"), model("c", "a", "b")) == [[], [], []]


def test_models__that_there_are_not() -> None:
    ((text,),) = messages_of_models(model("reader", "readr"))
    assert text == "there is no model 'readr' (did you mean 'reader'?)"


FOR_EVER = "(each retraining would request the next one, without end)"


def test_models__in_a_circle() -> None:
    assert messages_of_models(
        model("a", "c"), model("b", "a"), model("c", "b"), model("d", "a")
    ) == [
        [f"a cannot come after c: c waits for a {FOR_EVER}"],
        [f"b cannot come after a: a waits for b {FOR_EVER}"],
        [f"c cannot come after b: b waits for c {FOR_EVER}"],
        [],
    ]


def test_models__after_itself() -> None:
    assert messages_of_models(model("a", "a")) == [
        [f"a cannot come after a: it is itself {FOR_EVER}"]
    ]


@pytest.mark.parametrize("field", ["after", "pointers"])
def test_invalid_lists__have_no_more_errors(field: str) -> None:
    retrain = f"{{refresh: {{pointers: [a.dvc]}}, {field}: 3}}"
    text = with_line("monitor", f"monitor: {{live: live/, time: date, retrain: {retrain}}}")
    checked = manifests.check(text.encode(), path="model-manifests/digits/model.yaml")
    before = messages(checked)
    consistency.check_together([checked])
    assert messages(checked) == before
    assert len(before) == 1


def test_sound_manifest__waits_for_nothing() -> None:
    checked = manifests.check(SOUND.encode(), path="model-manifests/digits/model.yaml")
    assert messages_of_models(checked) == [[]]
