"""A column that is encoded by its distinct values has the same texts as one that is read whole."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from interlock import errors
from interlock.adapters.scoring import columns, encoded
from interlock.adapters.scoring.columns import RowPlace

_MOMENT = dt.datetime(2026, 11, 1, 6, tzinfo=dt.UTC)
COLUMNS: dict[str, tuple[list[Any], Any]] = {
    "integers": ([3, 1, 2, 1, 3], pl.Int64),
    "bytes": ([3, 1, 2, 1, 3], pl.UInt8),
    "floats": ([0.0, -0.0, 7.0, 0.0], pl.Float64),
    "booleans": ([True, False, True], pl.Boolean),
    "texts": (["7", "7.0", "b", "-0", "b", "é", "e\u0301"], pl.String),
    "categories": (["b", "a", "b"], pl.Categorical),
    "enums": (["b", "a", "b"], pl.Enum(["a", "b"])),
    "dates": ([dt.date(2026, 11, 1), dt.date(2026, 11, 2), dt.date(2026, 11, 1)], pl.Date),
    "times": ([dt.time(6), dt.time(7), dt.time(6)], pl.Time),
    "zoned": ([_MOMENT, _MOMENT + dt.timedelta(hours=1), _MOMENT], pl.Datetime("us", "UTC")),
    "decimals": ([Decimal("7.00"), Decimal("8.00"), Decimal("7.00")], pl.Decimal(10, 2)),
    "moments": (["2026-11-01T06:00:00Z", "2026-11-01 07:00:00+01:00", "x"], pl.String),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_labels__of_codes_are_those_of_the_whole_column(name: str) -> None:
    values, dtype = COLUMNS[name]
    column = pl.Series(name, values, dtype=dtype)
    place = RowPlace("p")
    labels = encoded.of_labels(column, place=place)
    expected = columns.as_labels(column, place=place).to_list()
    assert [labels.values[code] for code in labels.codes] == expected
    order = tuple(sorted(set(expected)))
    assert [order[number] for number in labels.numbered(order)] == expected


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.0, 2.0, 2.5, 2.5], "row 3: 2.5 is not a whole number; so is 1 row more"),
        ([1.0, float("nan")], "row 2: is NaN"),
        (["a", None, "b"], "row 2: is missing"),
    ],
)
def test_label__that_is_invalid_is_refused_with_its_row(values: list[Any], message: str) -> None:
    with pytest.raises(errors.CannotScore, match=message):
        encoded.of_labels(pl.Series("target", values), place=RowPlace("p"))


def test_missing_values__have_a_text_of_their_own() -> None:
    column = pl.Series("region", ["a", None, "a", None])
    codes = encoded.of(column, lambda distinct: distinct.fill_null("(missing)"))
    assert [codes.values[code] for code in codes.codes] == ["a", "(missing)", "a", "(missing)"]


def test_rows__are_named_by_the_canonical_text_of_their_id() -> None:
    place = RowPlace("p", pl.Series("id", [7.0, 8.0]))
    assert place.row(1) == "row 2 (id '8')"
