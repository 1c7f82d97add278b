"""Equal values are equal in whatever type and file they come; what differs is said by how much."""

from __future__ import annotations

import datetime as dt
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock import errors
from interlock.adapters.scoring import FileScoring, columns, timestamp_text
from interlock.domain.basics import canonical_text
from interlock.domain.evaluation.scores import Scores
from interlock.domain.model.evidence import Rows
from interlock.domain.model.manifest import Task
from tests.integration import predictions_files as files

BINARY, REGRESSION = Task.BINARY, Task.REGRESSION
TARGET = [True, False, True, True, False, False]
ANSWER = [True, False, False, True, True, False]
SPELT: dict[str, tuple[Any, Any]] = {
    "boolean": (False, True),
    "integer": (0, 1),
    "float": (0.0, 1.0),
    "digits": ("0", "1"),
    "decimals": ("0.0", "1.0"),
    "python": ("False", "True"),
    "polars": ("false", "true"),
    "spreadsheet": ("FALSE", "TRUE"),
}


def spelt(values: list[bool], how: str) -> list[Any]:
    return [SPELT[how][value] for value in values]


def table(target: str, prediction: str, scores: str = "") -> dict[str, Any]:
    columns = {"id": range(6), "target": spelt(TARGET, target)}
    columns["prediction"] = spelt(ANSWER, prediction)
    chance = [0.9, 0.2, 0.4, 0.8, 0.6, 0.1]
    if scores:
        low, high = SPELT[scores]
        columns |= {f"score_{low}": [1 - p for p in chance], f"score_{high}": chance}
    return columns


def numbers(scores: Scores) -> dict[str, float | None]:
    return {c.metric: c.candidate for c in scores.comparisons[0.95]}


@pytest.mark.parametrize("scores", ["python", "polars", "digits", "decimals"])
@pytest.mark.parametrize("prediction", SPELT)
@pytest.mark.parametrize("target", SPELT)
def test_booleans__of_one_file_are_the_same_however_they_are_written(
    tmp_path: Path, target: str, prediction: str, scores: str
) -> None:
    expected = numbers(files.score(tmp_path, table("integer", "integer", "digits"), task=BINARY))
    actual = files.score(tmp_path, table(target, prediction, scores), task=BINARY)
    assert numbers(actual) == expected


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("theirs", SPELT)
@pytest.mark.parametrize("mine", SPELT)
def test_booleans__of_two_files_are_the_same_rows(
    tmp_path: Path, mine: str, theirs: str, suffix: str
) -> None:
    one, other = table(mine, mine), table(theirs, theirs)
    scores = files.score(tmp_path, one, other, task=BINARY, suffix=suffix)
    assert scores.champion_problem == ""
    assert {c.difference for c in scores.comparisons[0.95] if c.metric == "recall"} == {0.0}


def test_booleans__among_other_answers_stay_words(tmp_path: Path) -> None:
    words = {"id": [1, 2, 3, 4], "target": ["true", "false", "mixed", "1"]}
    scores = files.score(tmp_path, words | {"prediction": ["true", "false", "mixed", "1"]})
    assert scores.charts.confusion is not None
    assert scores.charts.confusion.classes == ("1", "false", "mixed", "true")


@pytest.mark.parametrize(
    "ids",
    [
        [1, 2, 300],
        np.array([1, 2, 300], dtype=np.uint16),
        [1.0, 2.0, 300.0],
        np.array([1, 2, 300], dtype=np.float32),
        ["1", "2", "300"],
        ["1.0", "2.0", "300.0"],
        [Decimal(1), Decimal(2), Decimal(300)],
        [Decimal("1.00"), Decimal("2.00"), Decimal("300.00")],
        pl.Series(["1", "2.0", "300"], dtype=pl.Categorical),
    ],
)
def test_whole_numbers__are_the_same_id_in_every_type(tmp_path: Path, ids: Any) -> None:
    assert rows(tmp_path, ids=ids) == rows(tmp_path, ids=[1, 2, 300])


@pytest.mark.parametrize("ids", [[1.5, 2, 3], [Decimal("1.5"), Decimal(2), Decimal(3)]])
def test_whole_numbers__are_whole(tmp_path: Path, ids: Any) -> None:
    assert "1.5" in refusal(tmp_path, ids=ids)
    assert "is not a whole number" in refusal(tmp_path, ids=ids)


def rows(folder: Path, *, ids: Any, suffix: str = ".parquet") -> Rows:
    path = files.write(folder / f"p{suffix}", {"id": ids, **three()})
    return FileScoring().read(path, name="p", task=Task.MULTICLASS).rows


def refusal(folder: Path, *, ids: Any) -> str:
    with pytest.raises(errors.CannotScore) as caught:
        rows(folder, ids=ids)
    return caught.value.message


def three() -> dict[str, Any]:
    return {"target": ["a", "b", "a"], "prediction": ["a", "b", "b"]}


@pytest.mark.parametrize(
    ("ids", "ways"),
    [
        (["1", "1.0", "2"], "'1', '1.0'"),
        (["é", "e\u0301", "2"], "'é', 'é'"),
        (["2026-11-01", "2026-11-01T00:00:00Z", "x"], "'2026-11-01', '2026-11-01T00:00:00Z'"),
        (["2026-11-01 01:00+01:00", "2026-11-01 00:00", "x"], "'2026-11-01 00:00', '2026-"),
    ],
)
def test_ids__that_are_equal_are_one_too_many_and_never_one_row(
    tmp_path: Path, ids: list[str], ways: str
) -> None:
    actual = refusal(tmp_path, ids=ids)
    assert "occurs more than once, written as" in actual
    assert unicodedata.normalize("NFC", ways) in unicodedata.normalize("NFC", actual)


MOMENTS = [
    dt.datetime(2026, 11, 1),
    dt.datetime(2026, 11, 1, 6, 30, 0, 500_000),
    dt.datetime(2026, 10, 31, 23, 59, 59),
]


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
@pytest.mark.parametrize("zone", ["", "UTC", "Europe/Paris", "Asia/Kolkata"])
@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_moments__are_the_same_id_in_every_unit_and_zone(
    tmp_path: Path, unit: Any, zone: str, suffix: str
) -> None:
    ids = pl.Series(MOMENTS).dt.cast_time_unit(unit)
    if zone:
        ids = ids.dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    assert rows(tmp_path, ids=ids, suffix=suffix) == rows(
        tmp_path,
        ids=["2026-11-01", "2026-11-01 06:30:00.5", "2026-10-31T23:59:59Z"],
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-01 06:00:00+00:00", "2026-11-01T06:00:00Z"),
        ("2026-11-01T06:00", "2026-11-01T06:00:00Z"),
        ("2026-11-01T06:00:00,25+0530", "2026-11-01T00:30:00.25Z"),
        ("2026-11-01 00:00:00.000000 UTC", "2026-11-01"),
        ("2026-11-01T00:00:00-01", "2026-11-01T01:00:00Z"),
        ("2026-13-01 00:00:00", "2026-13-01 00:00:00"),
        ("2026-11-01T06:00:00+0530x", "2026-11-01T06:00:00+0530x"),
        ("06:00", "06:00"),
    ],
)
def test_moments__in_text_have_one_spelling(written: str, expected: str) -> None:
    assert timestamp_text.of_texts(pl.Series(["x", written])).to_list() == ["x", expected]


@given(st.datetimes(min_value=dt.datetime(1000, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_moments__in_text_and_as_a_datetime_are_the_same(moment: dt.datetime, minutes: int) -> None:
    zone = dt.timezone(dt.timedelta(minutes=minutes))
    written = moment.replace(tzinfo=dt.UTC).astimezone(zone).isoformat()
    (text,) = timestamp_text.of_texts(pl.Series([written])).to_list()
    assert [text] == timestamp_text.of_datetimes(pl.Series([moment])).to_list()


@given(st.text(st.characters(codec="utf-8")))
def test_texts__of_a_column_are_spelt_as_one_alone(text: str) -> None:
    moment = timestamp_text.of_texts(pl.Series([canonical_text.canonical(text)])).to_list()
    column = pl.Series("id", [text])
    assert columns.as_labels(column, place=columns.RowPlace("p")).to_list() == moment


def test_unicode__of_a_class_its_scores_and_a_slice_is_one_form(tmp_path: Path) -> None:
    nfc, nfd = (unicodedata.normalize(form, "größe") for form in ("NFC", "NFD"))
    path = tmp_path / "p.csv"
    path.write_text(
        f"id,target,prediction,score_{nfd},score_a,{nfd}\n1,{nfc},{nfd},1,0,x\n2,a,a,0,1,y\n",
        "utf-8",
    )
    read = FileScoring().read(path, name="p", task=BINARY, slices=(nfc,), positive=nfd)
    assert read.rows.count == 2


@pytest.mark.parametrize("score", [1.0000001, -1e-17, 1.001, -0.001, 0.9991, 0.999])
def test_score__may_be_off_by_a_thousandth_and_counts_as_a_probability(
    tmp_path: Path, score: float
) -> None:
    near = {"score_1": [score, 0.0], "score_0": [1 - score, 1.0]} if score < 0.99 else {}
    near = near or {"score_1": [score, 0.0], "score_0": [0.0, 1.0]}
    scores = files.score(
        tmp_path, {"id": [1, 2], "target": [1, 0], "prediction": [1, 0]} | near, task=BINARY
    )
    assert all(v is None or v == v for v in numbers(scores).values())  # noqa: PLR0124 - no NaN
    assert scores.charts.calibration is not None


@pytest.mark.parametrize("score", [1.0011, -0.0011, 1.2])
def test_score__that_is_off_by_more_is_none(tmp_path: Path, score: float) -> None:
    bad = {"id": [1, 2], "target": [1, 0], "prediction": [1, 0], "score_1": [score, 0.0]}
    with pytest.raises(errors.CannotScore, match="outside"):
        files.score(tmp_path, bad, task=BINARY)


def test_targets__of_another_precision_are_named_as_such(tmp_path: Path) -> None:
    one = files.values()
    other = one | {"target": one["target"].astype(np.float32)}
    text = files.score(tmp_path, other, one, task=REGRESSION).champion_problem
    assert "(300 with another target); the targets differ by at most " in text
    assert text.endswith(": another precision?")


def test_targets__that_really_differ_are_not_excused(tmp_path: Path) -> None:
    one = files.values()
    other = one | {"target": np.where(np.arange(300) == 5, one["target"] + 3, one["target"])}
    text = files.score(tmp_path, other, one, task=REGRESSION).champion_problem
    assert text.endswith("(1 with another target); the targets differ by at most 3")


def test_rows__that_differ_are_shown_by_example(tmp_path: Path) -> None:
    one = {"id": ["a", "b"], "target": ["x", "y"], "prediction": ["x", "y"]}
    blank = {"target": ["x ", "y"], "prediction": ["x ", "y"]}
    text = files.score(tmp_path, one, one | blank).champion_problem
    assert "'x' and 'x ' look alike: nothing against U+0020" in text
    other = {"target": ["y", "y"], "prediction": ["y", "y"]}
    text = files.score(tmp_path, one, one | other).champion_problem
    assert text.endswith("the target of id 'a' is 'x' here and 'y' there")
    text = files.score(tmp_path, one, one | {"id": ["a", "c"]}).champion_problem
    assert text.endswith("ids such as 'b' here and 'c' there")


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_csv__of_another_separator_is_read_with_decimal_commas(
    tmp_path: Path, separator: str
) -> None:
    lines = ["id,target,prediction", "1,1;5,2;5", "2,2,2"]
    path = tmp_path / "p.csv"
    text = "\n".join(line.replace(",", separator).replace(";5", ",5") for line in lines)
    if separator == ";":
        text = "id;target;prediction\n1;1,5;2,5\n2;2;2"
    path.write_text(text + "\n", "utf-8")
    plain = files.write(
        tmp_path / "q.csv", {"id": [1, 2], "target": [1.5, 2], "prediction": [2.5, 2]}
    )
    read = [FileScoring().read(p, name="p", task=REGRESSION).rows for p in (path, plain)]
    assert read[0] == read[1]


def test_csv__with_other_signs_in_its_texts_keeps_its_commas(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("id,target,prediction,tags\n1,a,a,x;y;z;w;v\n2,b,b,x;y;z;w;v\n", "utf-8")
    assert (
        FileScoring().read(path, name="p", task=Task.MULTICLASS, slices=("tags",)).rows.count == 2
    )
