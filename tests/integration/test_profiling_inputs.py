"""Files as the world has them: damaged, of several shapes, huge, changing, odd."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from interlock import errors
from interlock.adapters.profiling import FileProfiling, sources
from interlock.domain.drift.profile import ColumnKind, ColumnProfile, Profile
from interlock.domain.drift.status import DriftStatus
from tests.integration import drift_files as files

CHANCE = np.random.default_rng(5)


def profile(*names: str) -> Profile:
    return FileProfiling().profile(names)


def column(columns: files.Columns, folder: Path) -> ColumnProfile:
    (result,) = profile(files.write(folder / "one.parquet", columns)).columns
    return result


def refused(*names: str) -> str:
    with pytest.raises(errors.CannotProfile) as caught:
        profile(*names)
    return str(caught.value)


def part(folder: Path, name: str, rows: int = 200) -> str:
    return files.write(folder / name, {"x": CHANCE.normal(size=rows), "c": ["a"] * rows})


def test_parts__are_read_as_one(tmp_path: Path) -> None:
    frame = pl.DataFrame({"x": CHANCE.normal(size=900), "c": CHANCE.choice(["a", "b"], 900)})
    whole, *parts = (tmp_path / f"{name}.parquet" for name in ("whole", "one", "two", "three"))
    frame.write_parquet(whole)
    for place, path in enumerate(parts):
        frame[place * 300 : place * 300 + 300].write_parquet(path)
    one, other = profile(str(whole)), profile(*map(str, parts))
    assert one.rows == other.rows == 900
    for left, right in zip(one.columns, other.columns, strict=True):
        assert left.counts == right.counts
        assert left.sums == pytest.approx(right.sums)


def test_part__that_is_damaged_is_named(tmp_path: Path) -> None:
    sound, damaged = part(tmp_path, "a.parquet"), Path(part(tmp_path, "b.parquet", rows=5_000))
    data = bytearray(damaged.read_bytes())
    data[1_000:20_000] = bytes(len(data[1_000:20_000]))
    damaged.write_bytes(data)
    assert f"{damaged} cannot be read: " in refused(sound, str(damaged))


@pytest.mark.parametrize(
    "data", [b"PAR1", b"PAR1" + b"x" * 100, b"", b"\n\n", b"\x89PNG\r\n\x00\xff"]
)
def test_file__that_is_none_is_named(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "odd.parquet"
    path.write_bytes(data)
    assert f"{path} " in refused(str(path))


def test_file__that_is_no_text_is_not_taken_for_one(tmp_path: Path) -> None:
    whole, wide = Path(part(tmp_path, "a.parquet")).read_bytes(), "x,c\n1,a\n2,b\n"
    for name, data in (("cut", whole[10:]), ("utf-16", wide.encode("utf-16"))):
        (tmp_path / name).write_bytes(data)
        assert f"{name} is neither Parquet nor CSV in UTF-8" in refused(str(tmp_path / name))


def test_file__that_is_not_there_a_folder_or_a_pipe_is_named(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "none.parquet cannot be read: No such file" in refused(str(tmp_path / "none.parquet"))
    assert f"{tmp_path} is not a file" in refused(str(tmp_path))
    assert "is not a file" in refused(str(pipe))


def test_reference__without_rows_is_refused(tmp_path: Path) -> None:
    path = files.write(tmp_path / "a.parquet", {"x": pl.Series([], dtype=pl.Float64)})
    assert "has no rows" in refused(path)


def test_reference__with_a_column_of_two_types_is_refused(tmp_path: Path) -> None:
    other = files.write(tmp_path / "b.parquet", {"x": ["1.0"], "c": ["a"]})
    message = refused(part(tmp_path, "a.parquet"), other)
    assert f"{other} has column 'x' as String, where others have Float64" in message


def test_parts__whose_types_may_stand_for_one_another_are_read(tmp_path: Path) -> None:
    one = files.write(tmp_path / "a.parquet", {"x": list(range(100)), "y": [None] * 100})
    other = files.write(tmp_path / "b.parquet", {"x": [0.5] * 100, "y": [None] * 100})
    assert profile(one, other).rows == 200


def test_file__that_changes_while_it_is_read_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = part(tmp_path, "a.parquet")
    read = sources.Sources.batches

    def write_meanwhile(
        self: sources.Sources, columns: Sequence[pl.Expr]
    ) -> Iterator[pl.DataFrame]:
        yield from read(self, columns)
        Path(path).touch()

    monkeypatch.setattr(sources.Sources, "batches", write_meanwhile)
    with pytest.raises(errors.OutsideFailure, match=r"a\.parquet changed while it was read"):
        profile(path)


def test_name__with_signs_of_a_pattern_is_a_name(tmp_path: Path) -> None:
    folder = tmp_path / "date=2026-*"
    folder.mkdir()
    for name in ("[a]?.parquet", "b.parquet"):
        part(folder, name)
    file_profile = profile(str(folder / "[a]?.parquet"))
    assert [each.name for each in file_profile.columns] == ["x", "c"]
    pl.DataFrame({"x": [1.5, 2.5]}).write_csv(folder / "*.csv")
    assert profile(str(folder / "*.csv")).rows == 2


def test_columns__ten_thousand_of_them(tmp_path: Path) -> None:
    names = [f"x{place}" for place in range(10_000)]
    frame = pl.DataFrame(CHANCE.normal(size=(40, len(names))), schema=names)
    path = tmp_path / "wide.parquet"
    frame.write_parquet(path)
    file_profile = profile(str(path))
    assert len(file_profile.columns) == 10_000
    assert all(sum(each.counts) == 40 for each in file_profile.columns)


def test_strings__of_a_megabyte_differ_by_their_beginning(tmp_path: Path) -> None:
    megabyte = "x" * 1_000_000
    texts = [f"{word}{megabyte}" for word in ("one", "two") * 50]
    result = column({"t": texts}, tmp_path)
    assert result.kind is ColumnKind.CATEGORY
    assert result.counts == (50, 50)
    assert all(len(value) < 100 for value in result.values)


def test_quantiles__leave_no_row_out_and_count_exactly(tmp_path: Path) -> None:
    values = np.concatenate([CHANCE.standard_cauchy(20_000), np.arange(1000) / 8, np.zeros(4000)])
    result = column({"x": values}, tmp_path)
    places = np.searchsorted(result.edges, values, side="right")
    assert result.counts == tuple(np.bincount(places, minlength=len(result.edges) + 1))
    sums = np.bincount(places, weights=values, minlength=len(result.edges) + 1)
    widths = np.diff([result.edges[0], *result.edges, result.edges[-1]])
    assert np.all(np.abs(sums - result.sums) <= 0.02 * widths * np.array(result.counts) + 1e-9)
    assert (result.low, result.high) == (values.min(), values.max())
    assert result.mean == pytest.approx(values.mean())


@pytest.mark.parametrize(
    "values",
    [
        [1.0, np.nextafter(1.0, 2)] * 50,
        [1e308, -1e308] * 50,
        [5e-324, 0.0] * 50,
        [2.0**53 + 2 * k for k in range(100)],
        list(range(2**62, 2**62 + 100)),
    ],
)
def test_numbers__at_the_ends_of_what_a_double_can_tell(
    tmp_path: Path, values: list[float]
) -> None:
    result = column({"x": values}, tmp_path)
    assert sum(result.counts) == 100
    live = files.only(tmp_path, values, values)
    assert live.verdict is DriftStatus.STABLE


@pytest.mark.parametrize("dtype", [pl.Int8, pl.UInt64, pl.Float32, pl.Decimal(10, 2)])
def test_numbers__of_every_type_are_numbers(tmp_path: Path, dtype: pl.DataType) -> None:
    result = column({"x": pl.Series(range(100)).cast(dtype)}, tmp_path)
    assert result.kind is ColumnKind.NUMBER
    assert result.mean == pytest.approx(49.5)


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["a", "b"]), pl.String])
def test_categories__of_every_type_are_categories(tmp_path: Path, dtype: pl.DataType) -> None:
    result = column({"c": pl.Series(["a", "b"] * 50, dtype=dtype)}, tmp_path)
    assert (result.kind, result.values, result.counts) == (
        ColumnKind.CATEGORY,
        ("a", "b"),
        (50, 50),
    )


@pytest.mark.parametrize("values", [[[1, 2]] * 100, [{"a": 1}] * 100, [b"x"] * 100, [None] * 100])
def test_columns__of_other_types_are_counted(tmp_path: Path, values: list[object]) -> None:
    result = column({"o": [*values, None]}, tmp_path)
    assert (result.kind, result.missing) == (ColumnKind.OTHER, 101 if values[0] is None else 1)


def test_csv__knows_codes_by_the_reference(tmp_path: Path) -> None:
    reference, live = tmp_path / "a.csv", tmp_path / "b.csv"
    reference.write_text("zip,x\n" + "007,1.5\nA01,2.5\n" * 100)
    live.write_text("zip,x\n" + "007,1.5\n017,2.5\n" * 100)
    result = files.compared([str(reference)], [str(live)])
    assert result.verdict is DriftStatus.DRIFT
    assert "new: '017'; vanished: 'A01'" in result.columns[0].sentence


def test_csv__with_many_texts_is_of_another_type(tmp_path: Path) -> None:
    reference, live = tmp_path / "a.csv", tmp_path / "b.csv"
    reference.write_text("x\n" + "".join(f"{k}.5\n" for k in range(20_000)))
    live.write_text("x\n" + "low\n" * 1_100 + reference.read_text().partition("\n")[2])
    result = files.compared([str(reference)], [str(live)])
    assert result.columns[0].sentence == "has another type: Float64 became String"


def test_csv__of_uneven_rows_is_named(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("a,b\n1,2\n1,2,3\n")
    assert f"{path} cannot be read: " in refused(str(path))


def test_profile__is_the_same_every_time(tmp_path: Path) -> None:
    path = files.write(tmp_path / "a.parquet", {"x": CHANCE.normal(size=300_000)})
    assert profile(path) == profile(path)
