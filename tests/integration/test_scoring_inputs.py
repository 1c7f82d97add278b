"""What a predictions file may not be: each a sentence with the file, the column and the row."""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlock import errors
from interlock.adapters.scoring import FileScoring
from interlock.domain.model.evidence import Rows
from interlock.domain.model.manifest import Task
from tests.integration import predictions_files as files

MULTICLASS, BINARY, REGRESSION = Task.MULTICLASS, Task.BINARY, Task.REGRESSION
BOTH = pytest.mark.parametrize("suffix", [".parquet", ".csv"])


def read(
    path: Path,
    task: Task = MULTICLASS,
    *,
    slices: tuple[str, ...] = (),
    positive: str | None = None,
) -> Rows:
    scoring = FileScoring()
    return scoring.read(path, name="the file", task=task, slices=slices, positive=positive).rows


def refusal(path: Path, task: Task = MULTICLASS, **more: Any) -> str:
    with pytest.raises(errors.CannotScore) as caught:
        read(path, task, **more)
    return caught.value.message


def classes(**columns: Any) -> dict[str, Any]:
    return {"id": [1, 2, 3], "target": ["a", "b", "a"], "prediction": ["a", "b", "b"]} | columns


def values(**columns: Any) -> dict[str, Any]:
    return {"id": [1, 2, 3], "target": [1.0, 2.0, 3.0], "prediction": [1.0, 2.5, 3.0]} | columns


@BOTH
def test_file__that_is_sound_is_read_whatever_its_suffix_says(tmp_path: Path, suffix: str) -> None:
    path = files.write(tmp_path / f"predictions{suffix}", classes())
    odd = path.rename(tmp_path / "predictions[*].txt")
    assert read(odd).count == 3


@BOTH
@pytest.mark.parametrize("column", ["id", "target", "prediction"])
def test_file__without_a_column_is_refused(tmp_path: Path, suffix: str, column: str) -> None:
    columns = classes()
    del columns[column]
    path = files.write(tmp_path / f"p{suffix}", columns)
    assert refusal(path) == f"the file has no column '{column}'"


def test_file__without_the_slice_that_is_requested_is_refused(tmp_path: Path) -> None:
    path = files.write(tmp_path / "p.csv", classes())
    assert refusal(path, slices=("hand",)) == (
        "the file has no column 'hand', which is required as a slice"
    )


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"id,target,prediction\n", "the file has no rows"),
        (b"id,target,prediction,target\n1,a,a,b\n", "the file has the column 'target' more than"),
        (b"id,target,prediction\n1,a,a,b,c\n", "the file is not readable CSV"),
        (b"\x00\xff\xfe\xfa\n\xff\xff,\xff\n", "the file "),
        (b"PAR1", "the file cannot be read: parquet: "),
        (b"PAR1" + b"\x00" * 100 + b"PAR1", "the file cannot be read: parquet: "),
    ],
)
def test_file__that_holds_no_table_is_refused(tmp_path: Path, data: bytes, sentence: str) -> None:
    path = tmp_path / "p"
    path.write_bytes(data)
    assert sentence in refusal(path)


def test_file__that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(tmp_path / "nowhere.csv")
    assert refusal(tmp_path) == "the file is a folder, not a file"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_file__damaged_anywhere_is_an_error_or_another_table_and_never_a_crash(
    tmp_path: Path, data: st.DataObject
) -> None:
    suffix = data.draw(st.sampled_from([".parquet", ".csv"]))
    content = bytearray(files.write(tmp_path / f"sound{suffix}", classes()).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged"
    path.write_bytes(bytes(content[: data.draw(st.integers(0, len(content)))]))
    with contextlib.suppress(errors.CannotScore):
        assert read(path).count >= 1


@BOTH
def test_id__that_stands_twice_is_refused(tmp_path: Path, suffix: str) -> None:
    path = files.write(tmp_path / f"p{suffix}", classes(id=["x", "y", "x"]))
    assert refusal(path) == "the file: column 'id': 'x' occurs more than once (1 row too many)"


@pytest.mark.parametrize("ids", [["7", "7.0", "8"], [7.0, 7.0, 8.0]])
def test_id__is_the_same_number_however_it_is_written(tmp_path: Path, ids: list[Any]) -> None:
    path = files.write(tmp_path / "p.parquet", classes(id=ids))
    assert "'7' occurs more than once" in refusal(path)


def test_file__in_utf16_is_reported_as_such(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("id,target,prediction\n1,a,a\n", encoding="utf-16")
    assert "not readable CSV: it is encoded as UTF-16, and must be UTF-8" in refusal(path)


def test_file__that_is_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe") == (
        "the file is a pipe, not a file: write it to a file first"
    )


def test_id__with_leading_zeros_is_text(tmp_path: Path) -> None:
    assert read(files.write(tmp_path / "p.csv", classes(id=["7", "07", "007"]))).count == 3


@pytest.mark.parametrize(
    ("ids", "sentence"),
    [
        ([1, None, 3], "the file: column 'id', row 2: is missing"),
        ([1.0, math.nan, 3.0], "the file: column 'id', row 2: is NaN"),
        ([1.0, 2.5, 3.0], "the file: column 'id', row 2: 2.5 is not a whole number"),
        ([1.0, 2.0, math.inf], "the file: column 'id', row 3: inf is not a whole number"),
        (
            [[1], [2], [3]],
            "the file: column 'id' holds List(Int64), and text, numbers, booleans or ",
        ),
    ],
)
def test_id__that_is_none_is_refused(tmp_path: Path, ids: list[Any], sentence: str) -> None:
    assert refusal(files.write(tmp_path / "p.parquet", classes(id=ids))).startswith(sentence)


@BOTH
@pytest.mark.parametrize("column", ["target", "prediction"])
def test_class__that_is_missing_is_refused_by_row_and_id(
    tmp_path: Path, suffix: str, column: str
) -> None:
    path = files.write(tmp_path / f"p{suffix}", classes(**{column: ["a", None, None]}))
    assert refusal(path) == (
        f"the file: column '{column}', row 2 (id '2'): is missing; so is 1 row more"
    )


def test_class__that_is_nan_is_refused(tmp_path: Path) -> None:
    path = files.write(tmp_path / "p.parquet", classes(target=[1.0, math.nan, 1.0]))
    assert refusal(path) == "the file: column 'target', row 2 (id '2'): is NaN"


def test_class__that_nothing_names_is_refused(tmp_path: Path) -> None:
    path = files.write(tmp_path / "p.csv", classes(prediction=["a", "b", "c"]))
    assert refusal(path) == (
        "the file: column 'prediction', row 3 (id '3'): unknown class 'c'; known are a, b"
    )


def test_class__is_the_same_as_text_whole_number_or_truth(tmp_path: Path) -> None:
    for target, prediction in (([1, 0, 1], ["1", "0", "0"]), ([1.0, 0.0, 1.0], [1, 0, 0])):
        path = files.write(tmp_path / "p.parquet", classes(target=target, prediction=prediction))
        assert read(path, BINARY).count == 3
    path = files.write(
        tmp_path / "p.parquet", classes(target=[True, False, True], prediction=[True, True, True])
    )
    assert read(path, BINARY).count == 3


def test_class__of_more_than_two_in_a_binary_task_is_refused(tmp_path: Path) -> None:
    columns = classes(target=["a", "b", "c"])
    with pytest.raises(errors.CannotScore, match="two classes, and there are 3: a, b, c"):
        files.score(tmp_path, columns, task=BINARY)


def test_class__of_a_thousand_kinds_is_no_class(tmp_path: Path) -> None:
    numbers = list(range(1500))
    columns = {"id": numbers, "target": numbers, "prediction": numbers}
    assert "1500 classes" in refusal(files.write(tmp_path / "p.parquet", columns))


@BOTH
@pytest.mark.parametrize("column", ["target", "prediction"])
@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (math.nan, "is NaN"),
        (math.inf, "is infinite"),
        (-math.inf, "is infinite"),
        (None, "is missing"),
    ],
)
def test_value__that_is_no_finite_number_is_refused(
    tmp_path: Path, suffix: str, column: str, value: float | None, sentence: str
) -> None:
    path = files.write(tmp_path / f"p{suffix}", values(**{column: [1.0, value, 3.0]}))
    assert refusal(path, REGRESSION) == (f"the file: column '{column}', row 2 (id '2'): {sentence}")


@pytest.mark.parametrize(
    ("prediction", "sentence"),
    [
        (["1", "two", "3"], "row 2 (id '2'): 'two' is not a number"),
        ([True, False, True], "column 'prediction' holds Boolean, and numbers are needed"),
    ],
)
def test_value__that_is_no_number_is_refused(
    tmp_path: Path, prediction: list[Any], sentence: str
) -> None:
    path = files.write(tmp_path / "p.parquet", values(prediction=prediction))
    assert sentence in refusal(path, REGRESSION)


def scored(first: list[float], second: list[float]) -> dict[str, Any]:
    return classes(score_a=first, score_b=second)


@BOTH
@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ([0.5, 1.2, 1.0], [0.5, -0.2, 0.0], "'score_a', row 2 (id '2'): 1.2 is outside [0, 1]"),
        ([0.5, 0.5, 1.0], [0.5, -0.1, 0.0], "'score_b', row 2 (id '2'): -0.1 is outside [0, 1]"),
        ([0.5, math.nan, 1.0], [0.5, 0.5, 0.0], "'score_a', row 2 (id '2'): is NaN"),
        ([0.5, math.inf, 1.0], [0.5, 0.5, 0.0], "'score_a', row 2 (id '2'): is infinite"),
        ([0.5, 0.4, 1.0], [0.5, 0.5, 0.0], "'score_*', row 2 (id '2'): 0.9 must sum to 1"),
    ],
)
@pytest.mark.parametrize("task", [MULTICLASS, BINARY])
def test_score__that_is_no_probability_is_refused(
    tmp_path: Path,
    suffix: str,
    *,
    first: list[float],
    second: list[float],
    sentence: str,
    task: Task,
) -> None:
    path = files.write(tmp_path / f"p{suffix}", scored(first, second))
    positive = "b" if task is BINARY else None
    actual = refusal(path, task, positive=positive)
    assert f"the file: column {sentence}" in actual.splitlines()


def test_score__may_be_rounded_in_its_sum(tmp_path: Path) -> None:
    path = files.write(tmp_path / "p.csv", scored([0.3333, 0.5, 0.6], [0.6666, 0.5, 0.4]))
    assert read(path).count == 3


def test_score__of_one_class_will_do_in_a_binary_task_and_else_each_class_has_one(
    tmp_path: Path,
) -> None:
    path = files.write(tmp_path / "p.csv", classes(score_b=[0.1, 0.9, 0.8]))
    assert read(path, BINARY, positive="b").count == 3
    assert refusal(path, MULTICLASS) == "the file has no column 'score_a'"


def test_score__column_of_a_whole_number_may_be_written_as_a_decimal_but_once(
    tmp_path: Path,
) -> None:
    columns = classes(target=[1, 0, 1], prediction=[1, 0, 0])
    halves = [0.5, 0.5, 0.5]
    decimal = columns | {"score_0.0": halves, "score_1.0": halves}
    assert read(files.write(tmp_path / "p.csv", decimal)).count == 3
    twice = decimal | {"score_1": halves}
    assert refusal(files.write(tmp_path / "p.csv", twice)) == (
        "the file has two columns of scores of the class '1': 'score_1.0' and 'score_1'"
    )


NESTED = {
    "List(String)": [["l"], ["r"], None],
    "Struct({'side': String})": [{"side": "l"}, {"side": "r"}, None],
    "Binary": [b"l", b"r", None],
    "Array(Int64, shape=(1,))": pl.Series([[1], [2], None], dtype=pl.Array(pl.Int64, 1)),
}


@pytest.mark.parametrize("dtype", NESTED)
@pytest.mark.parametrize("column", ["id", "target", "prediction", "score_a", "hand"])
def test_column__that_holds_more_than_one_value_a_row_is_refused_by_name_and_type(
    tmp_path: Path, dtype: str, column: str
) -> None:
    path = files.write(
        tmp_path / "p.parquet", classes(hand=["l", "r", "l"]) | {column: NESTED[dtype]}
    )
    assert refusal(path, slices=("hand",)) == (
        f"the file: column {column!r} holds {dtype}, and text, numbers, booleans or dates are "
        "needed"
    )


@pytest.mark.parametrize(
    "dtype",
    [
        pl.Boolean,
        pl.UInt8,
        pl.Float64,
        pl.Decimal(4, 1),
        pl.Date,
        pl.Datetime("ns"),
        pl.Categorical,
    ],
)
def test_slice__of_any_type_of_one_value_a_row_has_its_values(
    tmp_path: Path, dtype: pl.DataType
) -> None:
    text = pl.Series(["1", "0", None])
    hand = text.cast(dtype) if dtype == pl.Categorical else text.cast(pl.Int64).cast(dtype)
    path = files.write(tmp_path / "p.parquet", classes(hand=hand))
    predictions_file = FileScoring().read(path, name="the file", task=MULTICLASS, slices=("hand",))
    assert len({*predictions_file.slices["hand"].values}) == 3


def test_slice__of_spans_of_time_is_refused_by_name_and_type(tmp_path: Path) -> None:
    spans = pl.Series([1, 2, None]).cast(pl.Duration("ms"))
    path = files.write(tmp_path / "p.parquet", classes(hand=spans))
    assert refusal(path, slices=("hand",)) == (
        "the file: column 'hand' holds Duration(time_unit='ms'), of which no slice can be made"
    )


def test_slice__of_too_many_values_is_refused(tmp_path: Path) -> None:
    columns = files.classes(rows=300) | {"hand": np.arange(300)}
    path = files.write(tmp_path / "p.parquet", columns)
    assert "column 'hand' has 300 values" in refusal(path, slices=("hand",))


def test_rows_digest__is_as_its_documentation_says(tmp_path: Path) -> None:
    """SHA-256 of netstrings, recomputed here from the words of docs/reference/evaluate.md."""

    def netstring(text: str) -> bytes:
        data = text.encode()
        return b"%d:%s," % (len(data), data)

    path = files.write(
        tmp_path / "p.csv",
        classes(id=["b", "ä", "10"], target=["x", "y", "x"], prediction=["x", "x", "x"]),
    )
    rows = [("10", "x"), ("b", "x"), ("ä", "y")]
    expected = hashlib.sha256(b"".join(netstring(i) + netstring(t) for i, t in rows)).hexdigest()
    assert read(path) == Rows(3, expected)

    path = files.write(tmp_path / "p.parquet", values(id=[2, 1, 10], target=[0.1, -0.0, 3.0]))
    numbers = [("1", 0.0), ("10", 3.0), ("2", 0.1)]
    content = b"".join(netstring(i) + netstring(struct.pack(">d", t).hex()) for i, t in numbers)
    assert read(path, REGRESSION) == Rows(3, hashlib.sha256(content).hexdigest())


@BOTH
def test_rows_digest__is_the_same_for_csv_and_parquet_any_order_and_types(
    tmp_path: Path, suffix: str
) -> None:
    columns = files.classes(rows=50)
    plain = read(files.write(tmp_path / "plain.parquet", columns))
    frame = pl.DataFrame(columns).sample(fraction=1.0, shuffle=True, seed=3)
    frame = frame.with_columns(pl.col("id").cast(pl.String), pl.col("target").cast(pl.Float64))
    assert read(files.write(tmp_path / f"other{suffix}", frame.to_dict())) == plain
