"""Live answers and the truth that came later, joined by id, whatever files they lie in."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from interlock import errors
from interlock.adapters.label_join import FileLabelling
from interlock.domain.model.column_map import ColumnMap


def live(folder: Path, name: str = "live.parquet", **columns: list[object]) -> str:
    frame = pl.DataFrame(
        columns or {"id": [1, 2, 3], "prediction": ["a", "b", "a"], "age": [1] * 3}
    )
    path = folder / name
    frame.write_csv(path) if path.suffix == ".csv" else frame.write_parquet(path)
    return str(path)


def join(
    folder: Path, lives: list[str], labels: list[str], names: ColumnMap | None = None
) -> list[tuple[object, ...]]:
    to = folder / "joined.parquet"
    count = FileLabelling().join(lives, labels, to=to, names=names or ColumnMap())
    if not count:
        assert not to.exists()
        return []
    frame = pl.read_parquet(to)
    assert frame.height == count
    return frame.rows()


def test_join__takes_the_rows_that_have_a_label(tmp_path: Path) -> None:
    labels = live(tmp_path, "labels.parquet", id=[3, 1, 9], target=["a", "b", "c"])
    assert join(tmp_path, [live(tmp_path)], [labels]) == [("1", "b", "a"), ("3", "a", "a")]


def test_join__of_several_files_on_either_side(tmp_path: Path) -> None:
    lives = [live(tmp_path), live(tmp_path, "2.parquet", id=[7], prediction=["c"])]
    labels = [
        live(tmp_path, "a.parquet", id=[7], target=["c"], at=["now"]),
        live(tmp_path, "b.csv", id=[2], target=["b"]),
    ]
    assert join(tmp_path, lives, labels) == [("2", "b", "b"), ("7", "c", "c")]


def test_join__keeps_scores(tmp_path: Path) -> None:
    lives = [live(tmp_path, id=["x"], prediction=["a"], score_a=[0.9], score_b=[0.1], note=["n"])]
    labels = [live(tmp_path, "labels.csv", id=["x"], target=["b"])]
    assert join(tmp_path, lives, labels) == [("x", "b", "a", 0.9, 0.1)]


@pytest.mark.parametrize("ids", [[1.0, 2.0], ["1", "2"], [1, 2]])
def test_join__takes_one_id_for_the_same_however_it_is_stored(
    tmp_path: Path, ids: list[object]
) -> None:
    labels = live(tmp_path, "labels.parquet", id=ids, target=["a", "b"])
    assert len(join(tmp_path, [live(tmp_path)], [labels])) == 2


def test_join__counts_a_label_that_came_twice_once(tmp_path: Path) -> None:
    labels = live(tmp_path, "labels.parquet", id=[1], target=["a"])
    assert join(tmp_path, [live(tmp_path)], [labels, labels]) == [("1", "a", "a")]


def test_join__keeps_contradicting_labels(tmp_path: Path) -> None:
    labels = live(tmp_path, "labels.parquet", id=[1, 1], target=["a", "b"])
    assert len(join(tmp_path, [live(tmp_path)], [labels])) == 2


def test_join__of_nothing_is_nothing(tmp_path: Path) -> None:
    other = live(tmp_path, "labels.parquet", id=[9], target=["a"])
    assert join(tmp_path, [live(tmp_path)], [other]) == []
    assert join(tmp_path, [live(tmp_path)], []) == []
    assert join(tmp_path, [], [other]) == []


@pytest.mark.parametrize(
    ("columns", "words"),
    [({"id": [1]}, "has no column 'target'"), ({"target": ["a"]}, "has no column 'id'")],
)
def test_join__of_labels_without_their_columns_names_the_file(
    tmp_path: Path, columns: dict[str, list[object]], words: str
) -> None:
    labels = live(tmp_path, "labels.parquet", **columns)
    with pytest.raises(errors.CannotProfile, match=f"labels.parquet {words}"):
        join(tmp_path, [live(tmp_path)], [labels])


def test_join__of_a_corrupt_file_names_it(tmp_path: Path) -> None:
    bad = tmp_path / "bad.parquet"
    bad.write_bytes(b"PAR1 and nothing PAR1")
    with pytest.raises(errors.CannotProfile, match=r"bad.parquet cannot be read"):
        join(tmp_path, [live(tmp_path)], [str(bad)])
    with pytest.raises(errors.CannotProfile, match="cannot be read"):
        join(tmp_path, [str(tmp_path / "gone.parquet")], [str(bad)])


def test_join__of_labels_of_other_types_in_several_files(tmp_path: Path) -> None:
    labels = [
        live(tmp_path, "a.parquet", id=[1], target=[7]),
        live(tmp_path, "b.csv", id=[2], target=[8]),
    ]
    values = join(tmp_path, [live(tmp_path)], labels)
    assert [(row[0], str(row[1])) for row in values] == [("1", "7"), ("2", "8")]


def test_join__of_a_missing_label_is_none(tmp_path: Path) -> None:
    labels = live(tmp_path, "labels.parquet", id=[1, 2], target=["a", None])
    assert join(tmp_path, [live(tmp_path)], [labels]) == [("1", "a", "a")]


def test_join__reads_the_columns_by_the_names_of_the_predictions_file(tmp_path: Path) -> None:
    names = ColumnMap(("shop", "day"), "sold", "forecast", (("high", "p"),))
    lives = [live(tmp_path, shop=[1, 2], day=["a", "a"], forecast=[5, 6], p=[0.5, 0.6], q=[1, 1])]
    labels = [live(tmp_path, "l.parquet", shop=[2, 2], day=["a", "b"], sold=[7, 8])]
    assert join(tmp_path, lives, labels, names) == [("2", "a", 7, 6, 0.6)]


def test_join__of_scored_rows_takes_scores_from_either_file(tmp_path: Path) -> None:
    names = ColumnMap(measured=("rating", "latency"), group="chat", is_scored=True)
    lives = [live(tmp_path, id=[1, 2, 3], latency=[10, 20, 30], chat=["x", "y", "y"])]
    labels = [live(tmp_path, "l.csv", id=[1, 3, 4], rating=[0.5, None, 0.1])]
    assert join(tmp_path, lives, labels, names) == [("1", 10, "x", "0.5")]


def test_join__of_sets_of_labels_takes_all_targets(tmp_path: Path) -> None:
    lives = [live(tmp_path, id=[1, 2], prediction_cat=[True, False], prediction_dog=[True, True])]
    truth: dict[str, list[object]] = {"target_cat": [True, None], "target_dog": [False, True]}
    labels = [live(tmp_path, "l.parquet", id=[1, 2], **truth)]
    assert join(tmp_path, lives, labels, ColumnMap(has_labels=True)) == [
        ("1", True, True, True, False)
    ]
