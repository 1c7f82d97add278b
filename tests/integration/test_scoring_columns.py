"""A predictions file with its own column names is the same as one with those of this package."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from interlock import errors
from interlock.adapters.scoring import FileScoring
from interlock.domain.evaluation import scores
from interlock.domain.evaluation.scores import Scores
from interlock.domain.model.column_map import ColumnMap
from interlock.domain.model.manifest import Evaluation, Task

PLAIN = pl.DataFrame(
    {
        "id": ["1", "2", "3", "4"],
        "target": ["a", "b", "a", "b"],
        "prediction": ["a", "b", "b", "b"],
        "score_a": [0.9, 0.2, 0.4, 0.1],
        "score_b": [0.1, 0.8, 0.6, 0.9],
        "day": ["mon", "tue", "mon", "tue"],
    }
)
OWN = PLAIN.rename(
    {"id": "pin", "target": "truth", "prediction": "p", "score_a": "pa", "score_b": "pb"}
)
COLUMNS = ColumnMap(("pin",), "truth", "p", (("a", "pa"), ("b", "pb")))


def write(frame: pl.DataFrame, path: Path) -> Path:
    frame.write_parquet(path) if path.suffix == ".parquet" else frame.write_csv(path)
    return path


def scored(
    mine: Path, theirs: Path | None, columns: ColumnMap, *, slices: tuple[str, ...] = ("day",)
) -> Scores:
    scoring, task = FileScoring(), Task.MULTICLASS
    request = scores.request(Evaluation("accuracy", slices), task=task, rules=())
    read = scoring.read(mine, name="p", task=task, slices=slices, columns=columns)
    other = theirs and scoring.read(theirs, name="q", task=task, columns=columns)
    return scoring.score(read, champion=other or None, request=request)


def refused(frame: pl.DataFrame, columns: ColumnMap, folder: Path, task: Task) -> str:
    path = write(frame, folder / "wrong.csv")
    with pytest.raises(errors.CannotScore) as caught:
        FileScoring().read(path, name="p.csv", task=task, columns=columns)
    return caught.value.message


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_read__own_names_give_the_same_scores(tmp_path: Path, suffix: str) -> None:
    plain = write(PLAIN, tmp_path / f"plain.{suffix}")
    own = write(OWN.with_columns(pl.lit("x").alias("id")), tmp_path / f"own.{suffix}")
    assert scored(own, None, COLUMNS) == scored(plain, None, ColumnMap())


def test_read__scores_by_prefix_without_a_map_of_them(tmp_path: Path) -> None:
    own = write(PLAIN.rename({"id": "pin"}), tmp_path / "own.csv")
    assert scored(own, None, ColumnMap(("pin",))) == scored(
        write(PLAIN, tmp_path / "plain.csv"), None, ColumnMap()
    )


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_read__an_id_of_two_columns_is_also_a_slice(tmp_path: Path, suffix: str) -> None:
    frame = PLAIN.with_columns(pl.Series("id", [1, 1, 2, 2])).rename({"id": "store"})
    mine = write(frame, tmp_path / f"mine.{suffix}")
    theirs = write(frame.reverse(), tmp_path / f"theirs.{suffix}")
    both = scored(mine, theirs, ColumnMap(("store", "day")))
    assert both.rows is not None
    assert (both.rows.count, both.champion_problem) == (4, "")
    assert {c.value for c in both.comparisons[0.95] if c.slice == "day"} == {"mon", "tue"}


def test_read__two_ids_never_have_one_text(tmp_path: Path) -> None:
    frame = PLAIN.head(2).with_columns(pl.Series("s", ["a, b", "a"]), pl.Series("t", ["c", "b, c"]))
    columns = ColumnMap(("s", "t"))
    both = scored(write(frame, tmp_path / "p.csv"), None, columns, slices=())
    assert both.rows is not None
    assert both.rows.count == 2


def test_read__without_an_id_rows_are_compared_by_number(tmp_path: Path) -> None:
    frame = PLAIN.drop("id")
    mine = write(frame, tmp_path / "mine.csv")
    same = write(frame, tmp_path / "same.csv")
    assert scored(mine, same, ColumnMap(())).champion_problem == ""
    turned = write(frame.reverse(), tmp_path / "turned.csv")
    problem = scored(mine, turned, ColumnMap(())).champion_problem
    assert "4 with another target" in problem


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (OWN.drop("truth"), "p.csv has no column 'truth'"),
        (OWN.drop("pb"), "p.csv has no column 'pb'"),
        (
            OWN.with_columns(pl.Series("pin", ["1", "1", "3", "4"])),
            "p.csv: column 'pin': '1' occurs more than once",
        ),
        (
            OWN.with_columns(pl.Series("pin", ["1", None, "3", "4"])),
            "p.csv: column 'pin', row 2: is missing",
        ),
        (
            OWN.with_columns(pl.Series("p", ["a", "c", "b", "b"])),
            "p.csv: column 'p', row 2 (id '2'): unknown class 'c'",
        ),
        (
            OWN.with_columns(pl.Series("pa", [0.9, 2.0, 0.4, 0.1])),
            "p.csv: column 'pa', row 2 (id '2'): 2.0 is outside [0, 1]",
        ),
        (
            OWN.with_columns(pl.Series("pa", [0.9, 0.9, 0.4, 0.1])),
            "p.csv: columns 'pa', 'pb', row 2 (id '2')",
        ),
        (
            OWN.with_columns(pl.Series("truth", ["a", "b", "a", None])),
            "p.csv: column 'truth', row 4 (id '4'): is missing",
        ),
    ],
)
def test_error__names_the_column_of_the_file(
    tmp_path: Path, change: pl.DataFrame, words: str
) -> None:
    assert words in refused(change, COLUMNS, tmp_path, Task.MULTICLASS)


def test_error__of_an_id_of_two_columns(tmp_path: Path) -> None:
    frame = OWN.with_columns(pl.lit("s").alias("store"))
    columns = ColumnMap(("store", "day"), "truth", "p", (("a", "pa"), ("b", "pb")))
    message = refused(frame, columns, tmp_path, Task.MULTICLASS)
    assert "columns 'store', 'day': 's, mon' occurs more than once" in message
    frame = frame.with_columns(pl.Series("day", ["mon", None, "tue", "wed"]))
    assert "column 'day', row 2: is missing" in refused(frame, columns, tmp_path, Task.MULTICLASS)


def test_error__of_a_number_and_of_a_class_without_scores(tmp_path: Path) -> None:
    prices = pl.DataFrame({"pin": ["1", "2"], "price": ["1.5", "many"], "p": ["1", "2"]})
    columns = ColumnMap(("pin",), "price", "p")
    message = refused(prices, columns, tmp_path, Task.REGRESSION)
    assert "column 'price', row 2 (id '2'): 'many' is not a number" in message
    columns = ColumnMap(("pin",), "truth", "p", (("a", "pa"),))
    message = refused(OWN, columns, tmp_path, Task.MULTICLASS)
    assert "outputs.predictions.scores has no column for 'score_b'" in message


def test_read__own_names_with_a_decimal_comma(tmp_path: Path) -> None:
    text = "pin;price;p\n1;1,5;2\n2;3;4,25\n"
    (tmp_path / "p.csv").write_text(text)
    read = FileScoring().read(
        tmp_path / "p.csv",
        name="p",
        task=Task.REGRESSION,
        columns=ColumnMap(("pin",), "price", "p"),
    )
    assert [*read.target, *read.prediction] == [1.5, 3.0, 2.0, 4.25]
