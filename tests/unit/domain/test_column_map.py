"""Which columns of rows the model writes, and which are never compared."""

from __future__ import annotations

import pytest

from interlock.domain.evaluation import scores
from interlock.domain.model.column_map import ColumnMap
from interlock.domain.model.manifest import Evaluation, GateRule, Task

PLAIN = ColumnMap()
MAPPED = ColumnMap(("pin",), "price", "guess", (("high", "p"),), measured=("seconds",))
LABELS = ColumnMap(has_labels=True)
SCORED = ColumnMap(measured=("rating",), is_scored=True)


@pytest.mark.parametrize(
    ("names", "outputs", "keys"),
    [
        (PLAIN, ("prediction", "score_*"), ("id", "target")),
        (MAPPED, ("guess", "p", "seconds"), ("pin", "price")),
        (LABELS, ("prediction_*", "score_*"), ("id", "target_*")),
        (SCORED, ("rating",), ("id",)),
    ],
)
def test_columns__that_the_model_writes_and_keys(
    names: ColumnMap, outputs: tuple[str, ...], keys: tuple[str, ...]
) -> None:
    assert (names.outputs, names.keys) == (outputs, keys)
    columns = ("prediction", "score_a", "guess", "prediction_cat", "rating", "age", "seconds")
    own = {name for name in columns if names.is_output(name)}
    expected = {
        PLAIN: {"prediction", "score_a"},
        MAPPED: {"guess", "seconds"},
        LABELS: {"prediction_cat", "score_a"},
        SCORED: {"rating"},
    }
    assert own == expected[names]


def test_text__of_rows_without_answers_names_the_key_alone() -> None:
    assert LABELS.text == SCORED.text == "id id"
    assert (LABELS.required, LABELS.is_plain, LABELS.has_prefix) == (("id",), False, False)


def test_request__of_labels_computes_f1_and_what_gates_name() -> None:
    rules = (GateRule("recall", min=0.5, slice="label", line=1),)
    evaluation = Evaluation("f1_macro", ("topic",))
    request = scores.request(evaluation, task=Task.MULTILABEL, rules=rules)
    assert (request.slices, request.label_focus) == (("topic",), ("f1", "recall"))
    other = scores.request(evaluation, task=Task.MULTICLASS, rules=rules)
    assert (other.slices, other.label_focus) == (("topic", "label"), ())
