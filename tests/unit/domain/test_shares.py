"""Shares before and after: few, in an order, and summing to all of the rows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.drift.profile import ColumnKind, ColumnProfile
from interlock.domain.monitoring import histograms
from interlock.domain.monitoring.monitoring_records import Share

AGE = ColumnProfile(
    "age", ColumnKind.NUMBER, "f64", 100, 0, edges=(10.0, 20.0, 30.0), counts=(25, 25, 25, 25)
)
HAND = ColumnProfile(
    "hand", ColumnKind.CATEGORY, "str", 100, 10, values=("left", "right"), counts=(30, 60)
)


def test_shares__of_a_number_are_its_bins_in_order() -> None:
    shares = histograms.compare(AGE, replace(AGE, counts=(0, 50, 50, 100), rows=200))
    assert shares == (
        Share("below 10", 0.25, 0.0),
        Share("10 to 20", 0.25, 0.25),
        Share("20 to 30", 0.25, 0.25),
        Share("30 and up", 0.25, 0.5),
    )


def test_shares__of_a_number_in_many_bins_are_few() -> None:
    edges = tuple(1e6 + place / 1000 for place in range(200))
    fine = replace(AGE, edges=edges, counts=(1,) * 201, rows=201)
    shares = histograms.compare(fine, fine)
    assert len(shares) == 10
    assert len({share.label for share in shares}) == 10
    assert sum(share.reference for share in shares) == pytest.approx(1)


def test_shares__of_a_constant_are_what_lies_on_its_two_sides() -> None:
    one = replace(AGE, edges=(5.0,), counts=(0, 100))
    shares = histograms.compare(one, replace(one, counts=(40, 60)))
    assert shares == (Share("below 5", 0.0, 0.4), Share("5 and up", 1.0, 0.6))


def test_shares__of_a_category_come_with_the_greatest_first() -> None:
    live = replace(HAND, values=("left", "right"), counts=(80, 0), missing=0, other=20)
    assert histograms.compare(HAND, live) == (
        Share("left", 30 / 90, 0.8),
        Share("right", 60 / 90, 0.0),
        Share("all others", 0.0, 0.2),
    )


@pytest.mark.parametrize(
    "live",
    [
        None,
        replace(HAND, missing=100, counts=(0, 0)),
        replace(AGE, name="hand"),
    ],
    ids=["vanished", "all missing", "another kind"],
)
def test_shares__without_two_sides_there_are_none(live: ColumnProfile | None) -> None:
    assert histograms.compare(HAND, live) == ()


@pytest.mark.parametrize(
    "column",
    [
        replace(HAND, kind=ColumnKind.TEXT),
        replace(AGE, edges=(), counts=()),
    ],
    ids=["text", "no bins"],
)
def test_shares__of_what_is_not_counted_there_are_none(column: ColumnProfile) -> None:
    assert histograms.compare(column, column) == ()


def test_shares__of_other_bins_there_are_none() -> None:
    assert histograms.compare(AGE, replace(AGE, edges=(1.0, 2.0, 3.0))) == ()


NAMES = st.lists(st.text("abcd", min_size=1, max_size=4), unique=True, min_size=1, max_size=40)


def test_shares__of_a_category_without_others_name_no_others() -> None:
    assert histograms.compare(HAND, HAND) == (
        Share("right", 60 / 90, 60 / 90),
        Share("left", 30 / 90, 30 / 90),
    )


@given(NAMES, st.data())
def test_shares__of_any_categories_sum_to_all_rows(names: list[str], data: st.DataObject) -> None:
    def column() -> ColumnProfile:
        counts = tuple(data.draw(st.integers(0, 9)) for _ in names)
        other = data.draw(st.integers(1, 9))
        rows = sum(counts) + other
        return replace(HAND, values=tuple(names), counts=counts, other=other, rows=rows, missing=0)

    shares = histograms.compare(column(), column())
    assert len(shares) <= histograms.MOST
    assert sum(share.reference for share in shares) == pytest.approx(1)
    assert sum(share.live for share in shares) == pytest.approx(1)
