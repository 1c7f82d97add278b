"""The rows of an evaluation: which file, which columns, which task."""

from __future__ import annotations

from interlock.domain.adoption import column_choice, table_choice
from interlock.domain.adoption.column_choice import ColumnChoice, ColumnFacts, TableFacts
from interlock.domain.model.column_map import ColumnMap
from interlock.domain.model.manifest import Aggregate, Better, Task


def text(name: str, distinct: int = 3) -> ColumnFacts:
    return ColumnFacts(name, distinct)


def number(
    name: str, distinct: int = 90, low: float = 0, high: float = 9, *, whole: bool = False
) -> ColumnFacts:
    return ColumnFacts(name, distinct, True, whole, low, high)


def choose(*columns: ColumnFacts) -> ColumnChoice | None:
    return table_choice.choose([TableFacts("none.csv", 90, ()), TableFacts("p.csv", 90, columns)])


def test_choose__names_of_ones_own() -> None:
    rows = choose(text("pin", 90), number("sale_price"), number("pred_price"), number("area"))
    assert rows == ColumnChoice("p.csv", Task.REGRESSION, "pin", "sale_price", "pred_price", (), 90)
    assert rows.written
    assert rows.columns == ColumnMap(("pin",), "sale_price", "pred_price")


def test_choose__the_names_of_interlock() -> None:
    rows = choose(number("id", whole=True), text("target"), text("prediction"))
    assert rows is not None
    assert not rows.written
    assert (rows.task, rows.id) == (Task.MULTICLASS, "id")


def test_choose__scores_and_no_id() -> None:
    rows = choose(
        number("actual", 2, 0, 1, whole=True),
        number("predicted", 2, 0, 1, whole=True),
        number("p_fraud", 80, 0, 1),
        number("fraud_score", 80, 0, 1),
        number("age_score", 80, 0, 70),
        number("index", 4, whole=True),
        ColumnFacts("proba", 1),
    )
    assert rows is not None
    assert (rows.task, rows.id) == (Task.BINARY, None)
    assert rows.scores == (("fraud", "p_fraud"), ("fraud_score", "fraud_score"))
    assert rows.columns == ColumnMap((), "actual", "predicted", rows.scores)


def test_choose__nothing_without_both_columns_of_one_kind() -> None:
    assert choose(text("x"), text("y_true")) is None
    assert choose(text("prediction"), text("age")) is None
    assert choose(text("prediction"), number("target")) is None


def test_task__a_few_whole_numbers_are_classes() -> None:
    assert column_choice.task(number("y", 10, 0, 9, whole=True)) is Task.MULTICLASS
    assert column_choice.task(number("y", 21, 0, 90, whole=True)) is Task.REGRESSION
    assert column_choice.task(number("y", 2, 1, 2, whole=True)) is Task.MULTICLASS


def test_is_file_of_rows__by_its_name() -> None:
    assert column_choice.is_file_of_rows("out/Predictions.csv")
    assert not column_choice.is_file_of_rows("predictions.json")
    assert not column_choice.is_file_of_rows("rows.csv")


def flag(name: str) -> ColumnFacts:
    return number(name, 2, 0, 1, whole=True)


def test_choose__two_labels_with_a_target_and_a_prediction() -> None:
    columns = [flag(f"{of}_{label}") for label in ("cat", "dog") for of in ("target", "prediction")]
    rows = choose(number("form", 4), number("key", whole=True), *columns)
    assert rows == ColumnChoice("p.csv", Task.MULTILABEL, "key", rows=90)
    assert rows.columns == ColumnMap(("key",), has_labels=True)
    assert (rows.written, rows.primary) == ({"id": "key"}, ("f1_macro", True))
    lacking = choose(number("key", whole=True), *columns[:3])
    assert lacking is not None
    assert lacking.task is Task.BINARY


def test_choose__scores_whose_direction_a_name_says() -> None:
    columns = (
        text("id", 90),
        number("Latency ms"),
        flag("f1"),
        number("iou", 80, 0, 1),
        text("error"),
        number("area"),
    )
    rows = table_choice.choose([TableFacts("out/scores.csv", 90, columns)])
    assert rows is not None
    assert [(m.name, m.aggregate, m.columns, m.better) for m in rows.own] == [
        ("mean_f1", Aggregate.RATE, ("f1",), Better.GREATER),
        ("iou", Aggregate.MEAN, ("iou",), Better.GREATER),
        ("latency_ms", Aggregate.MEAN, ("Latency ms",), Better.SMALLER),
    ]
    assert (rows.task, rows.primary, rows.written) == (Task.SCORED, ("mean_f1", True), {})
    assert rows.columns.measured == ("f1", "iou", "Latency ms")


def test_choose__no_scores_in_other_files_or_without_a_direction() -> None:
    iou = (text("id", 90), number("iou"))
    assert table_choice.choose([TableFacts("features.csv", 90, iou)]) is None
    area = (text("id", 90), number("area"))
    assert table_choice.choose([TableFacts("scores.csv", 90, area)]) is None
