"""A CSV's separator and its markers for missing values are told from its text alone."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.basics import csv_dialect

_CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8)
_TABLES = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(_CELLS, min_size=width, max_size=width), min_size=2, max_size=6)
)


@pytest.mark.parametrize("cell", ["NA", "N/A", "n/a", "NULL", r"\N", "null", "None", "nan", "-NaN"])
@pytest.mark.parametrize("around", ["{}", " {} ", "{}\t"])
def test_what_r_pandas_and_databases_write_for_nothing_is_missing(cell: str, around: str) -> None:
    assert csv_dialect.is_missing(around.format(cell))


@pytest.mark.parametrize("cell", ["0", "0.0", "false", "Namibia", "nano", "inf", "N", "no", "-1"])
def test_values_are_not_missing(cell: str) -> None:
    assert not csv_dialect.is_missing(cell)


def test_markers_are_written_as_they_are_compared() -> None:
    assert all(marker == marker.strip().lower() for marker in csv_dialect.MISSING)


@given(table=_TABLES, separator=st.sampled_from(csv_dialect.SEPARATORS))
def test_a_table_without_other_separators_in_it_is_read_as_it_was_written(
    table: list[list[str]], separator: str
) -> None:
    text = _written(_without(table, csv_dialect.SEPARATORS), separator)

    assert csv_dialect.separator(text) == separator


@given(table=_TABLES, separator=st.sampled_from(csv_dialect.SEPARATORS))
def test_quoted_cells_may_hold_the_separator_and_line_ends(
    table: list[list[str]], separator: str
) -> None:
    plain = _without(table, csv_dialect.SEPARATORS)
    cells = [[f"{cell}{separator}\n" for cell in record] for record in plain]

    assert csv_dialect.separator(_written(cells, separator)) == separator


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("x;c\n0,5;a\n-1,25;b\n", ";"),
        ("x\tc\n1,2\ta\n", "\t"),
        ("a,b\n1;2,3\n4;5,6\n", ","),
        ("a,b\nx|y,1\nz,2\n", ","),
        ("\ufeffx;c\n1;2\n", ";"),
        ("x;c\n1;2\n3", ";"),
        ("x;c\n\n1;2\n\n", ";"),
        ("x;c", ";"),
        ("x\n1\n2\n", ","),
        ("x|y\n1\n2\n", ","),
        ("", ","),
    ],
)
def test_a_separator_gives_every_record_as_many_columns(text: str, separator: str) -> None:
    assert csv_dialect.separator(text) == separator


def test_a_cell_that_no_reader_takes_tells_no_separator() -> None:
    assert csv_dialect.separator(f'x;c\n"{"a" * (csv.field_size_limit() + 1)}";2\n') == ","


@given(number=st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_with_a_decimal_comma_becomes_one_with_a_point(number: float) -> None:
    written = str(number).replace(".", ",")
    assert float(re.sub(csv_dialect.DECIMAL_COMMA, r"\1.\2", written)) == number


@pytest.mark.parametrize("cell", ["1,2,3", "a,b", "1.234,5", ",", "1,", "7"])
def test_text_that_is_not_a_number_with_a_decimal_comma_does_not_match(cell: str) -> None:
    assert re.match(csv_dialect.DECIMAL_COMMA, cell) is None


def _without(table: list[list[str]], separators: tuple[str, ...]) -> list[list[str]]:
    signs = str.maketrans(dict.fromkeys((*separators, "\n"), "_"))
    return [[cell.translate(signs) or "_" for cell in record] for record in table]


def _written(table: list[list[str]], separator: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows(table)
    return text.getvalue()
