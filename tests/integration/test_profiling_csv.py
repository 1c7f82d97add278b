"""CSV files as programs write them: markers for nothing, separators, decimal commas, odd cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.adapters.profiling import FileProfiling
from interlock.domain.basics import csv_dialect
from interlock.domain.drift.findings import DriftResult
from interlock.domain.drift.profile import ColumnKind, ColumnProfile
from interlock.domain.drift.status import DriftStatus
from tests.integration import drift_files as files

ROWS = 1_000
MARKERS = (
    "NA",
    "N/A",
    "n/a",
    "NULL",
    "null",
    r"\N",
    "None",
    "nan",
    "NaN",
    "<NA>",
    "#N/A",
    "-",
    "?",
)
MOMENT = "Datetime(time_unit='us', time_zone=None)"
CHANCE = np.random.default_rng(11)


def numbers(seed: int, *, by: float = 0.0) -> list[str]:
    return [f"{each:.6f}" for each in np.random.default_rng(seed).normal(by, 1, ROWS)]


def with_gaps(cells: Sequence[str], marker: str, *, every: int = 50) -> list[str]:
    return [marker if place % every == 7 else cell for place, cell in enumerate(cells)]


def write(folder: Path, name: str, *, sep: str = ",", **columns: Sequence[str]) -> str:
    lines = [sep.join(columns), *map(sep.join, zip(*columns.values(), strict=True))]
    path = folder / name
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return str(path)


def judged(reference: str, live: str) -> DriftResult:
    return files.compared([reference], [live])


def column(name: str) -> ColumnProfile:
    (result,) = FileProfiling().profile([name]).columns
    return result


@pytest.mark.parametrize("marker", MARKERS)
def test_markers__are_missing_values_of_a_column_of_numbers(tmp_path: Path, marker: str) -> None:
    reference = write(tmp_path, "r.csv", x=with_gaps(numbers(1), marker))
    same = write(tmp_path, "s.csv", x=with_gaps(numbers(2), marker))
    moved = write(tmp_path, "m.csv", x=with_gaps(numbers(3, by=5), marker))
    gone = write(tmp_path, "g.csv", x=[marker] * ROWS)
    assert (column(reference).kind, column(reference).missing) == (ColumnKind.NUMBER, ROWS // 50)
    assert judged(reference, same).verdict is DriftStatus.STABLE
    assert judged(reference, moved).verdict is DriftStatus.DRIFT
    assert judged(reference, gone).verdict is DriftStatus.BROKEN


@pytest.mark.parametrize("marker", MARKERS)
def test_markers__in_live_data_alone_are_missing_values(tmp_path: Path, marker: str) -> None:
    clean = files.write(tmp_path / "r.parquet", {"x": list(map(float, numbers(1)))})
    one = write(tmp_path, "one.csv", x=[marker, *numbers(2)[1:]])
    half = write(tmp_path, "half.csv", x=with_gaps(numbers(2), marker, every=2 * 7))
    assert judged(clean, one).verdict is DriftStatus.STABLE
    result = judged(clean, half)
    assert (result.verdict, "missing 7.1 %" in result.columns[0].sentence) == (
        DriftStatus.DRIFT,
        True,
    )


@pytest.mark.parametrize(
    ("cells", "kind", "type_name"),
    [
        (["1", "2", "NA"] * 400, ColumnKind.CATEGORY, "Int64"),
        (["true", "False", "NULL"] * 400, ColumnKind.CATEGORY, "Boolean"),
        (["2026-11-01", "01/11/2026", "NULL"] * 400, ColumnKind.TIME, MOMENT),
        (["2026-11-01T10:00:00Z", "2026-11-01 10:00:00.5+01:00"] * 400, ColumnKind.TIME, MOMENT),
        (["08:30", "23:59:59.5", "n/a"] * 400, ColumnKind.NUMBER, "Time"),
        (["NA", "", "NULL"] * 400, ColumnKind.OTHER, "Null"),
        (["inf", "-inf", "1e5", "nan"] * 400, ColumnKind.NUMBER, "Float64"),
    ],
)  # fmt: skip
def test_columns__have_the_type_of_what_is_no_marker(
    tmp_path: Path, cells: Sequence[str], kind: ColumnKind, type_name: str
) -> None:
    result = column(write(tmp_path, "r.csv", x=cells))
    assert (result.kind, result.type) == (kind, type_name)
    missing = sum(csv_dialect.is_missing(cell) for cell in cells)
    assert result.missing == missing


def test_markers__in_a_column_of_text_are_words(tmp_path: Path) -> None:
    countries = [str(each) for each in CHANCE.choice(["NA", "DE", "FR"], ROWS)]
    result = column(write(tmp_path, "r.csv", country=countries))
    assert (result.kind, result.missing) == (ColumnKind.CATEGORY, 0)
    assert "NA" in result.values
    fewer = ["DE" if each == "NA" else each for each in countries]
    live = write(tmp_path, "l.csv", country=fewer)
    assert judged(write(tmp_path, "r.csv", country=countries), live).verdict is DriftStatus.DRIFT


def test_text_after_a_thousand_numbers_makes_a_reference_text(tmp_path: Path) -> None:
    cells = [*numbers(1), *numbers(2), "A7"]
    assert column(write(tmp_path, "r.csv", x=cells)).kind is ColumnKind.TEXT


def test_cells__of_another_type_in_live_data_are_missing_and_reported(tmp_path: Path) -> None:
    reference = write(tmp_path, "r.csv", x=numbers(1))
    few = write(tmp_path, "few.csv", x=with_gaps(numbers(2), "#DIV/0!", every=100))
    many = write(tmp_path, "many.csv", x=with_gaps(numbers(2), "high", every=10))
    result = judged(reference, few)
    assert result.verdict is DriftStatus.STABLE
    assert result.columns[0].sentence == (
        "is as in the reference; 10 values cannot be read as Float64, for example '#DIV/0!'"
    )
    assert result.columns[0].measure.missing == 0.01
    assert judged(reference, many).verdict is DriftStatus.BROKEN


@pytest.mark.parametrize("words", [("True", "False"), ("t", "f"), ("1", "0"), ("TRUE", "FALSE")])
def test_booleans__that_are_known_are_read_in_any_sign(
    tmp_path: Path, words: tuple[str, str]
) -> None:
    few, many = (list(CHANCE.random(ROWS) < share) for share in (0.3, 0.6))
    reference = files.write(tmp_path / "r.parquet", {"x": few})
    same = write(tmp_path, "s.csv", x=[words[not each] for each in few])
    moved = write(tmp_path, "m.csv", x=[words[not each] for each in many])
    assert judged(reference, same).verdict is DriftStatus.STABLE
    assert judged(reference, moved).verdict is DriftStatus.DRIFT


@pytest.mark.parametrize("sep", csv_dialect.SEPARATORS)
@pytest.mark.parametrize("name", ["{}.csv", "{}.tsv", "{}.txt"])
def test_separators__are_recognised_whatever_the_name(tmp_path: Path, sep: str, name: str) -> None:
    words = [str(each) for each in CHANCE.choice(list("abc"), ROWS)]
    reference = write(tmp_path, name.format("r"), sep=sep, x=numbers(1), c=words)
    same = write(tmp_path, name.format("s"), x=numbers(2), c=words)
    moved = write(tmp_path, name.format("m"), sep=sep, x=numbers(3, by=50), c=words)
    assert judged(reference, same).sentence == "no data drift; 2 of 2 columns compared"
    assert judged(reference, moved).verdict is DriftStatus.DRIFT


def test_decimal_commas__are_read_where_commas_separate_nothing(tmp_path: Path) -> None:
    def german(cells: Sequence[str]) -> list[str]:
        return [cell.replace(".", ",") for cell in cells]

    reference = write(
        tmp_path, "r.csv", sep=";", x=with_gaps(german(numbers(1)), "NA"), y=numbers(4)
    )
    plain = write(tmp_path, "p.csv", x=with_gaps(numbers(1), "NA"), y=numbers(4))
    assert FileProfiling().profile([reference]) == FileProfiling().profile([plain])


@given(cells=st.lists(st.text("0123456789+-.,eEnaN tf:/", max_size=6), min_size=1, max_size=30))
def test_any_cells__are_counted_once(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str]
) -> None:
    quoted = ['"' + cell + '"' for cell in cells]
    name = write(tmp_path_factory.mktemp("cells"), "r.csv", sep=";", x=quoted, y=["1"] * len(cells))
    file_profile = FileProfiling().profile([name]).named()["x"]
    assert file_profile.rows == len(cells)
    assert 0 <= file_profile.missing <= file_profile.rows
    if file_profile.counts:
        assert sum(file_profile.counts) + file_profile.other == file_profile.present


def test_spans__are_compared_in_seconds(tmp_path: Path) -> None:
    def spans(seed: int, by: int = 0) -> list[dt.timedelta]:
        drawn = np.random.default_rng(seed).integers(0, 600, ROWS)
        return [dt.timedelta(seconds=int(each) + by) for each in drawn]

    same = files.only(tmp_path, spans(1), spans(2))
    assert (same.verdict, same.measure.kind) == (DriftStatus.STABLE, ColumnKind.NUMBER)
    assert files.only(tmp_path, spans(1), spans(2, by=600)).verdict is DriftStatus.DRIFT
    noon = dt.datetime(2026, 1, 1, 12)
    clocks = [(noon + each).time() for each in spans(1)]
    later = [(noon + each).time() for each in spans(2, by=7_200)]
    assert files.only(tmp_path, clocks, later).verdict is DriftStatus.DRIFT


@pytest.mark.parametrize("before", ["half", "typed", "untyped"])
def test_values__where_none_were_are_a_finding_about_missing_values(
    tmp_path: Path, before: str
) -> None:
    values = CHANCE.normal(size=ROWS)
    references = {
        "half": [None if each < 0 else each for each in values],
        "typed": [float("nan")] * ROWS,
        "untyped": [None] * ROWS,
    }
    result = files.judged(
        tmp_path, {"x": values, "z": references[before]}, {"x": values, "z": values}
    )
    assert result.verdict is DriftStatus.DRIFT
    sentence = {each.name: each.sentence for each in result.columns}["z"]
    assert "missing 0.0 % after" in sentence
