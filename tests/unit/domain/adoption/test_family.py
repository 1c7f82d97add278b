"""Models that differ in the item of a stage alone are one manifest."""

from __future__ import annotations

from dataclasses import replace

from interlock.domain.adoption import family
from interlock.domain.adoption.column_choice import ColumnChoice
from interlock.domain.adoption.metric_choice import MetricChoice
from interlock.domain.adoption.model_choice import ModelChoice
from interlock.domain.adoption.pipeline_facts import StageFacts
from interlock.domain.model.manifest import Task


def model(item: str, *, value: float = 0.9, is_greater: bool = True) -> ModelChoice:
    return ModelChoice(
        name=f"ner-{item}",
        manifest=f"model-manifests/ner-{item}/model.yaml",
        file="ner/dvc.yaml",
        target=f"eval@{item}",
        model=f"ner/models/{item}.json",
        owner="@acme/nlp",
        objective=f"Finds {item}.",
        metric=MetricChoice(f"{item}.f1", value, is_greater),
    )


def test_fold__writes_the_item_where_it_is_a_word() -> None:
    (folded,) = family.fold([model("persons"), model("places", value=0.8)], files=())
    assert folded.items == ("persons", "places")
    assert (folded.name, folded.target) == ("ner-${item}", "eval@${item}")
    assert (folded.model, folded.objective) == ("ner/models/${item}.json", "Finds ${item}.")
    assert folded.manifest == "ner/model.yaml"
    assert folded.metric == MetricChoice("${item}.f1", 0.8, True)


def test_fold__takes_the_worst_metric_of_the_rows_in_its_direction() -> None:
    def with_rows(item: str, today: MetricChoice | None) -> ModelChoice:
        rows = ColumnChoice(f"rows/{item}.csv", Task.REGRESSION, "id", "y", "p", today=today)
        return replace(model(item), metric=None, rows=rows)

    small, great = MetricChoice("rmse", 1.0, False), MetricChoice("rmse", 3.0, False)
    (folded,) = family.fold([with_rows("a", small), with_rows("b", great)], files=())
    assert folded.rows is not None
    assert (folded.rows.path, folded.rows.today) == ("rows/${item}.csv", great)
    (unknown,) = family.fold([with_rows("a", small), with_rows("b", None)], files=())
    assert unknown.rows is not None
    assert unknown.rows.today is None


def test_fold__leaves_other_models_as_they_are() -> None:
    alone, plain = model("persons"), replace(model("x"), target="eval", name="x")
    stage = StageFacts("eval@b", (), (), (), "", "", ())
    undeclared = [model("a"), replace(model("b"), undeclared_in=stage)]
    other = [model("a"), replace(model("b"), model="elsewhere.json")]
    nameless = [replace(model(item), name=f"ner{n}") for n, item in enumerate(("a", "b"))]
    for models in ([alone], [alone, plain], undeclared, other, nameless):
        assert family.fold(models, files=()) == tuple(models)


def test_fold__keeps_away_from_a_manifest_of_another_model() -> None:
    (folded,) = family.fold([model("a"), model("b")], files=("model.yaml",))
    assert folded.manifest == "model-manifests/ner/model.yaml"
    two = family.fold(
        [model("a"), model("b"), replace(model("c"), target="other", name="c")], files=()
    )
    assert [each.manifest for each in two] == [
        "model-manifests/ner/model.yaml",
        "model-manifests/ner-c/model.yaml",
    ]
