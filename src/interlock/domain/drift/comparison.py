"""Compares the profile of a window with the reference profile, column by column."""

from __future__ import annotations

from dataclasses import replace

from interlock.domain.basics import figures
from interlock.domain.drift import categorical, numerical, significance
from interlock.domain.drift.measures import ColumnMeasure, ColumnProblem, WindowMeasure
from interlock.domain.drift.profile import ColumnKind, ColumnProfile, Profile

SURELY = 1e-6
"""A column without values is broken if that is less likely than this by chance."""


def compare(reference: Profile, window: Profile, *, is_complete: bool = True) -> WindowMeasure:
    """Measure every column of the window and the reference; new columns come last.

    A window without rows has no measures. `is_complete` is false if a file of the window could not
    be read; then the other files are measured.
    """
    live = window.named()
    known = {column.name for column in reference.columns}
    columns = [
        _column(column, live.get(column.name))
        if window.rows
        else ColumnMeasure(column.name, column.kind)
        for column in reference.columns
    ]
    new = [
        ColumnMeasure(column.name, column.kind, ColumnProblem.NEW, detail=column.type)
        for column in window.columns
        if column.name not in known
    ]
    return WindowMeasure(window.rows, reference.rows, (*columns, *new), is_complete)


def _column(reference: ColumnProfile, live: ColumnProfile | None) -> ColumnMeasure:
    if live is None:
        return ColumnMeasure(reference.name, reference.kind, ColumnProblem.VANISHED)
    measure = _missing(reference, live)
    if not live.present and _is_gone(reference, rows=live.rows):
        return replace(measure, problem=ColumnProblem.ALL_MISSING)
    if live.present and live.kind is not reference.kind:
        detail = f"{reference.type} became {live.type}"
        return replace(measure, problem=ColumnProblem.TYPE, detail=detail)
    return _values(measure, reference, live) if live.present and reference.present else measure


def _values(measure: ColumnMeasure, reference: ColumnProfile, live: ColumnProfile) -> ColumnMeasure:
    if reference.kind is ColumnKind.NUMBER:
        return numerical.measure(measure, reference, live)
    if reference.kind is ColumnKind.CATEGORY:
        return categorical.measure(measure, reference, live)
    return measure


def _is_gone(reference: ColumnProfile, *, rows: int) -> bool:
    likely: float = (reference.missing + 1) / (reference.rows + 2)
    return likely**rows < SURELY


def _missing(reference: ColumnProfile, live: ColumnProfile) -> ColumnMeasure:
    """Infinities are as useless to a model as missing values: both count for the increase."""
    unusable = live.missing + live.infinite
    before = reference.missing + reference.infinite
    return ColumnMeasure(
        reference.name,
        reference.kind,
        missing=live.missing / live.rows,
        missing_reference=reference.missing / reference.rows,
        detail=_unreadable(reference, live),
        infinite=live.infinite / live.rows,
        missing_rise=unusable / live.rows - before / reference.rows,
        # If neither side has missing values there is no test: it would only weaken the other tests.
        missing_p=significance.two_proportions(
            unusable, of=live.rows, other=before, of_other=reference.rows
        )
        if unusable or before
        else None,
    )


def _unreadable(reference: ColumnProfile, live: ColumnProfile) -> str:
    if not live.unreadable:
        return ""
    values = figures.count(live.unreadable, "value")
    return f"{values} cannot be read as {reference.type}, for example {live.other_values[0]!r}"
