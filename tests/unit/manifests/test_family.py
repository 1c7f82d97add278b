"""One manifest for several models, as text."""

from __future__ import annotations

import pytest

from interlock.domain.model.manifest import Manifest
from interlock.manifests import family

TEXT = """\
model: "ner-${item}"
models: {each: [persons, places]}
owner: "@acme/text"
objective: Find names.
task: multiclass
pipeline: {target: "eval@${item}"}
outputs: {model: "models/${item}.json", predictions: "rows/${item}.csv"}
evaluate: {primary: accuracy}
gates:
  - {metric: accuracy, min: 0.1}
promote: {environments: [staging]}
"""


def models(text: str) -> list[Manifest]:
    read = [one for one, _ in family.read(text.encode(), path="model.yaml")]
    assert all(read), family.read(text.encode(), path="model.yaml")
    return [one for one in read if one is not None]


def complaints(text: str) -> list[str]:
    read = family.read(text.encode(), path="model.yaml")
    return [str(d) for d in dict.fromkeys(d for _, diagnostics in read for d in diagnostics)]


def test_family__has_one_model_for_each_item() -> None:
    persons, places = models(TEXT)
    assert (persons.model, places.model) == ("ner-persons", "ner-places")
    assert persons.pipeline.target == "eval@persons"
    assert places.outputs.model == "models/places.json"
    assert places.promote.registry_name == "ner-places"
    assert persons.path == places.path == "model.yaml"
    assert persons.lines["gates.0"] == places.lines["gates.0"] == 10
    assert persons.gates[0].line == 10


def test_family__parts_of_an_item_keep_their_type() -> None:
    text = TEXT.replace("[persons, places]", "[{name: persons, min: 0.8}, {name: places, min: 1}]")
    text = text.replace("${item}", "${item.name}").replace("min: 0.1", 'min: "${item.min}"')
    assert [(m.model, m.gates[0].min) for m in models(text)] == [
        ("ner-persons", 0.8),
        ("ner-places", 1),
    ]


def test_family__lists_by_name_are_combined_in_the_order_of_dvc() -> None:
    text = TEXT.replace("[persons, places]", "{lang: [de, en], size: [1, 2]}")
    text = text.replace("${item}", "${item.lang}-${item.size}")
    targets = [m.pipeline.target for m in models(text)]
    assert targets == ["eval@de-1", "eval@de-2", "eval@en-1", "eval@en-2"]


def test_family__error_of_one_item_is_that_models_problem() -> None:
    text = TEXT.replace("[persons, places]", "[persons, 'Big Places']")
    (persons, _), (other, problems) = family.read(text.encode(), path="model.yaml")
    assert persons is not None
    assert other is None
    assert str(problems[0]).startswith("model.yaml:1:8: error: model is 'ner-Big Places', which is")


def test_family__shared_error_is_one() -> None:
    (problem,) = complaints(TEXT.replace("multiclass", "clustering"))
    assert problem.startswith("model.yaml:5:7: error: task is 'clustering', and must be ")


@pytest.mark.parametrize(
    ("each", "start"),
    [
        ("[]", "model.yaml:2:16: error: models.each has no items"),
        ("{}", "model.yaml:2:16: error: models.each has no items"),
        ("3", "model.yaml:2:16: error: models.each is"),
        ("{a: b}", "model.yaml:2:16: error: models.each has a name without a list of items"),
        ("[[a]]", "model.yaml:2:16: error: item 1 of models.each is neither text nor a number"),
        ("[a, {b: 1}]", "model.yaml:2:16: error: the items of models.each have different keys"),
        (
            "{a: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], "
            "b: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]}",
            "model.yaml:2:16: error: models.each makes 225 models, and at most 200 are allowed",
        ),
    ],
)
def test_family__items_that_cannot_be_read(each: str, start: str) -> None:
    (problem, *_) = complaints(TEXT.replace("[persons, places]", each))
    assert problem.startswith(start)


def test_family__part_that_no_item_has() -> None:
    text = TEXT.replace('"models/${item}.json"', '"models/${item.naem}.json"')
    assert complaints(text) == [
        "model.yaml:7:18: error: '${item.naem}' is not a part of an item\n"
        "  hint: did you mean '${item}'?"
    ]


def test_family__name_without_the_item() -> None:
    (problem,) = complaints(TEXT.replace('"ner-${item}"', "ner"))
    assert problem == (
        "model.yaml:1:8: error: all 2 models would be named 'ner'\n"
        "  hint: write ${item} in it, for example ner-${item}"
    )
