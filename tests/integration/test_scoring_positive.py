"""The positive class: given, by convention, or an error; and all that is wrong is said at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sklearn.metrics as sk

from interlock import errors
from interlock.adapters.scoring import FileScoring
from interlock.domain.evaluation.scores import Scores
from interlock.domain.model.manifest import Task
from tests.integration import predictions_files as files

BINARY = Task.BINARY
OF_POSITIVE = {"f1", "precision", "recall", "average_precision"}


def payments() -> dict[str, Any]:
    """Of 20 frauds among 200 the model finds 5, and it accuses 2 who are honest."""
    target = ["fraud"] * 20 + ["legit"] * 180
    prediction = ["fraud"] * 5 + ["legit"] * 15 + ["fraud"] * 2 + ["legit"] * 178
    score = [0.8 if p == "fraud" else 0.1 + i / 10_000 for i, p in enumerate(prediction)]
    columns = {"id": range(200), "target": target, "prediction": prediction}
    return columns | {"score_fraud": score, "score_legit": [1 - s for s in score]}


def named(scores: Scores) -> dict[str, str]:
    return {c.metric: c.positive for c in scores.comparisons[0.95]}


@pytest.mark.parametrize("positive", ["fraud", "legit"])
@pytest.mark.parametrize("left_out", ["", "score_fraud", "score_legit"])
def test_metrics__are_those_of_the_class_that_is_given(
    tmp_path: Path, positive: str, left_out: str
) -> None:
    columns = payments()
    score = columns[f"score_{positive}"]
    columns.pop(left_out, None)
    scores = files.score(tmp_path, columns, task=BINARY, positive=positive)
    by_name = {c.metric: c.candidate for c in scores.comparisons[0.95]}
    target, prediction = columns["target"], columns["prediction"]
    truth = [each == positive for each in target]
    assert by_name["recall"] == sk.recall_score(target, prediction, pos_label=positive)
    assert by_name["precision"] == sk.precision_score(target, prediction, pos_label=positive)
    assert by_name["f1"] == pytest.approx(sk.f1_score(target, prediction, pos_label=positive))
    area = sk.average_precision_score(truth, score)
    assert by_name["average_precision"] == pytest.approx(area)
    assert {m for m, label in named(scores).items() if label == positive} == OF_POSITIVE
    assert {label for m, label in named(scores).items() if m not in OF_POSITIVE} == {""}


def test_metrics__that_do_not_name_a_class_are_the_same_for_both(tmp_path: Path) -> None:
    one, other = (
        {c.metric: c.candidate for c in each.comparisons[0.95] if not c.positive}
        for each in (
            files.score(tmp_path, payments(), task=BINARY, positive=label)
            for label in ("fraud", "legit")
        )
    )
    assert one == pytest.approx(other)


@pytest.mark.parametrize("left_out", [(), ("score_legit",), ("score_fraud", "score_legit")])
def test_two_texts__without_a_positive_class_are_refused_when_they_are_read(
    tmp_path: Path, left_out: tuple[str, ...]
) -> None:
    columns = {name: each for name, each in payments().items() if name not in left_out}
    path = files.write(tmp_path / "p.parquet", columns)
    with pytest.raises(errors.CannotScore) as caught:
        FileScoring().read(path, name="p", task=BINARY)
    assert caught.value.message == (
        "p: its classes are 'fraud' and 'legit', and nothing says which of them is the "
        "positive class"
    )
    assert "positive: fraud" in caught.value.hint


def test_two_texts__that_only_both_files_show_are_refused_too(tmp_path: Path) -> None:
    one = {"id": [1, 2], "target": ["legit", "legit"], "prediction": ["legit", "legit"]}
    champion = one | {"score_fraud": [0.1, 0.2], "score_legit": [0.9, 0.8]}
    with pytest.raises(errors.CannotScore, match="positive class"):
        files.score(tmp_path, one, champion, task=BINARY)


def test_a_class__that_no_row_shows_is_found_in_none(tmp_path: Path) -> None:
    one = {"id": [1, 2], "target": ["legit", "legit"], "prediction": ["legit", "legit"]}
    scores = files.score(tmp_path, one, task=BINARY, positive="fraud")
    (recall,) = (c for c in scores.comparisons[0.95] if c.metric == "recall")
    assert (recall.candidate, recall.positive) == (0.0, "fraud")


def test_a_class__that_is_misspelt_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.CannotScore, match="'Fraud' is none of its classes"):
        files.score(tmp_path, payments(), task=BINARY, positive="Fraud")


def test_live_rows__are_measured_for_the_class_that_is_given(tmp_path: Path) -> None:
    path = files.write(tmp_path / "p.parquet", payments())
    document: dict[str, Any] = {"name": "live", "task": BINARY, "confidence": 0.95, "seed": 0}
    measure = FileScoring().measure
    metric_value = measure(path, metric="recall", positive="fraud", **document)
    assert (metric_value.value, metric_value.positive) == (0.25, "fraud")
    assert measure(path, metric="accuracy", positive="fraud", **document).positive == ""
    with pytest.raises(errors.CannotScore, match="positive class"):
        measure(path, metric="accuracy", **document)


def test_served_rows__are_of_the_class_that_is_given(tmp_path: Path) -> None:
    one = files.write(tmp_path / "1.parquet", {n: v[:100] for n, v in payments().items()})
    two = files.write(tmp_path / "2.csv", {n: v[50:] for n, v in payments().items()})
    scoring = FileScoring()
    served = scoring.read_served([one, two], name="served", task=BINARY, positive="fraud")
    assert served.rows.count == 200
    with pytest.raises(errors.CannotScore, match="positive class"):
        scoring.read_served([one, two], name="served", task=BINARY)


def test_file__is_refused_for_all_that_is_wrong_with_it_at_once(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(
        "id,target,prediction,score_a,score_b\n1,a,a,1.5,0.5\n1,b,,0.5,x\n3,,b,1,0\n", "utf-8"
    )
    with pytest.raises(errors.CannotScore) as caught:
        FileScoring().read(path, name="out/p.csv", task=Task.MULTICLASS)
    assert caught.value.message.splitlines() == [
        "out/p.csv: column 'id': '1' occurs more than once (1 row too many)",
        "out/p.csv: column 'target', row 3 (id '3'): is missing",
        "out/p.csv: column 'prediction', row 2 (id '1'): is missing",
        "out/p.csv: column 'score_a', row 1 (id '1'): 1.5 is outside [0, 1]",
        "out/p.csv: column 'score_b', row 2 (id '1'): 'x' is not a number",
    ]


def test_file__is_refused_for_every_column_that_it_lacks(tmp_path: Path) -> None:
    path = files.write(tmp_path / "p.parquet", {"ID": [1], "label": ["a"]})
    with pytest.raises(errors.CannotScore) as caught:
        FileScoring().read(path, name="p", task=Task.MULTICLASS, slices=("hand",))
    first, *rest = caught.value.message.splitlines()
    assert first.startswith("p has no column 'id' ('id' and 'ID' look alike: ")
    assert rest == [
        "p has no column 'target'",
        "p has no column 'prediction'",
        "p has no column 'hand', which is required as a slice",
    ]


def test_regression__is_refused_for_both_of_its_columns(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": [1, 2], "target": ["1", "x"], "prediction": [None, 2.0]})
    frame.write_parquet(tmp_path / "p.parquet")
    with pytest.raises(errors.CannotScore) as caught:
        FileScoring().read(tmp_path / "p.parquet", name="p", task=Task.REGRESSION)
    assert caught.value.message.splitlines() == [
        "p: column 'target', row 2 (id '2'): 'x' is not a number",
        "p: column 'prediction', row 1 (id '1'): is missing",
    ]
