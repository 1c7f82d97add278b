"""Profiles of columns as a test needs them, made of a few rows; nothing is asserted here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean, pstdev, quantiles

from interlock.domain.drift.measures import ColumnMeasure, WindowMeasure
from interlock.domain.drift.profile import ColumnKind, ColumnProfile, Profile


def numbers(
    values: Sequence[float], *, edges: Sequence[float], name: str = "x", missing: int = 0
) -> ColumnProfile:
    places = [sum(edge <= value for edge in edges) for value in values]
    bins = range(len(edges) + 1)
    column_profile = ColumnProfile(
        name,
        ColumnKind.NUMBER,
        "Float64",
        len(values) + missing,
        missing,
        edges=tuple(edges),
        counts=tuple(places.count(place) for place in bins),
        sums=tuple(
            sum(v for v, where in zip(values, places, strict=True) if where == place)
            for place in bins
        ),
    )
    if not values:
        return column_profile
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return replace(
        column_profile,
        low=min(values),
        high=max(values),
        mean=fmean(values),
        std=pstdev(values),
        quartiles=(low, middle, high),
    )


def words(text: str, *, known: str, name: str = "c", missing: int = 0) -> ColumnProfile:
    """Every letter is a row, and a category of its own."""
    counts = Counter(text)
    strangers = sorted(set(text) - set(known))
    return ColumnProfile(
        name,
        ColumnKind.CATEGORY,
        "String",
        len(text) + missing,
        missing,
        values=tuple(known),
        counts=tuple(counts[letter] for letter in known),
        other=sum(counts[letter] for letter in strangers),
        other_values=tuple(strangers),
    )


def profile(*columns: ColumnProfile) -> Profile:
    return Profile(columns[0].rows, columns)


def window(*columns: ColumnMeasure, rows: int = 1_000) -> WindowMeasure:
    return WindowMeasure(rows, 1_000, columns)


def measured(
    name: str = "x", *, effect: float = 0.0, p: float = 1.0, rise: float = 0.0, rise_p: float = 1.0
) -> ColumnMeasure:
    return ColumnMeasure(
        name,
        ColumnKind.NUMBER,
        effect=effect,
        p_value=p,
        missing=rise,
        missing_reference=0.0,
        missing_rise=rise,
        missing_p=rise_p,
    )
