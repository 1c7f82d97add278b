"""The description of refreshed data."""

from __future__ import annotations

import pytest

from interlock.domain.retraining import data_difference
from interlock.domain.retraining.data_difference import DataShape, RefreshedPointer

OLD = DataShape(1_000, {"age": "Int64", "hand": "String"}, "2026-10-01", "2026-10-31")


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (OLD, None, ""),
        (None, DataShape(4), "4 rows; 0 columns"),
        (
            OLD,
            DataShape(1_500, OLD.columns, "2026-10-01", "2026-11-03"),
            "1,500 rows, 500 more; until 2026-11-03, before 2026-10-31; the same columns",
        ),
        (
            OLD,
            DataShape(900, OLD.columns, "2026-10-02", "2026-10-31"),
            "900 rows, 100 fewer; from 2026-10-02 until 2026-10-31; the same columns",
        ),
        (
            OLD,
            DataShape(1_000, {"age": "Float64", "ink": "Int64"}, "2026-10-01", "2026-10-31"),
            "1,000 rows; until 2026-10-31; added `ink`, removed `hand`, other type `age`",
        ),
        (
            DataShape(1),
            DataShape(1, {f"c{n}": "Int64" for n in range(7)}),
            "1 rows; added `c0`, `c1`, `c2`, `c3`, `c4` and 2 others",
        ),
    ],
)
def test_describe__only_known_parts(
    before: DataShape | None, after: DataShape | None, text: str
) -> None:
    assert data_difference.describe(RefreshedPointer(b"", before, after)) == text
