"""Holds one window's profile against the reference's; what passes for drift is not known here."""

from __future__ import annotations

from dataclasses import replace

from interlock.domain.basics import figures
from interlock.domain.drift import categorical, numerical, significance
from interlock.domain.drift.measures import ColumnMeasure, ColumnProblem, WindowMeasure
from interlock.domain.drift.profile import ColumnKind, ColumnProfile, Profile

SURELY = 1e-6
"""A window in which all of a column is missing by a smaller chance than this is broken."""


def compare(reference: Profile, window: Profile, *, is_whole: bool = True) -> WindowMeasure:
    """Return what the window shows of every column of either; new ones come last.

    Of a window without rows nothing is measured. One that is not whole, since a file of it could
    not be read, is measured by what could be.
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
    return WindowMeasure(window.rows, reference.rows, (*columns, *new), is_whole)


def _column(reference: ColumnProfile, live: ColumnProfile | None) -> ColumnMeasure:
    if live is None:
        return ColumnMeasure(reference.name, reference.kind, ColumnProblem.VANISHED)
    found = _missing(reference, live)
    if not live.present and _is_gone(reference, rows=live.rows):
        return replace(found, problem=ColumnProblem.ALL_MISSING)
    if live.present and live.kind is not reference.kind:
        detail = f"{reference.type} became {live.type}"
        return replace(found, problem=ColumnProblem.TYPE, detail=detail)
    return _values(found, reference, live) if live.present and reference.present else found


def _values(found: ColumnMeasure, reference: ColumnProfile, live: ColumnProfile) -> ColumnMeasure:
    if reference.kind is ColumnKind.NUMBER:
        return numerical.measure(found, reference, live)
    if reference.kind is ColumnKind.CATEGORY:
        return categorical.measure(found, reference, live)
    return found


def _is_gone(reference: ColumnProfile, *, rows: int) -> bool:
    likely: float = (reference.missing + 1) / (reference.rows + 2)
    return likely**rows < SURELY


def _missing(reference: ColumnProfile, live: ColumnProfile) -> ColumnMeasure:
    """An infinity is no more use to a model than a missing value: both count for the rise."""
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
        # What neither has ever missed is no question: it would only dilute the others.
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
