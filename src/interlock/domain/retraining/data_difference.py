"""The difference between the data before and after a refresh, in words; no data is read here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class DataShape:
    """`columns` maps names to types; `first` and `last` are the ends of the column of times, ""
    without one."""

    rows: int
    columns: Mapping[str, str] = field(default_factory=dict)
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class RefreshedPointer:
    """The new text of a pointer, and the shapes of its data; None if a shape is unknown."""

    text: bytes
    before: DataShape | None = None
    after: DataShape | None = None


def describe(pointer: RefreshedPointer) -> str:
    """`4 rows, 1 more; until 2026-11-03; the same columns`; "" when the new shape is unknown."""
    before, after = pointer.before, pointer.after
    if after is None:
        return ""
    parts = [_rows(before, after), _times(before, after), _columns(before, after)]
    return "; ".join(part for part in parts if part)


def _rows(before: DataShape | None, after: DataShape) -> str:
    rows = f"{after.rows:,} rows"
    more = after.rows - before.rows if before else 0
    if not more:
        return rows
    return f"{rows}, {abs(more):,} {'more' if more > 0 else 'fewer'}"


def _times(before: DataShape | None, after: DataShape) -> str:
    if not after.last:
        return ""
    if before is None or before.first != after.first:
        return f"from {after.first} until {after.last}"
    known = f", before {before.last}" if before.last != after.last else ""
    return f"until {after.last}{known}"


def _columns(before: DataShape | None, after: DataShape) -> str:
    if before is None:
        return f"{len(after.columns)} columns"
    added = [name for name in after.columns if name not in before.columns]
    removed = [name for name in before.columns if name not in after.columns]
    retyped = [n for n, kind in after.columns.items() if before.columns.get(n, kind) != kind]
    changes = [
        f"{word} {_list(names)}"
        for word, names in (("added", added), ("removed", removed), ("other type", retyped))
        if names
    ]
    return ", ".join(changes) or "the same columns"


def _list(names: list[str]) -> str:
    """Names as code: their text has no effect in Markdown."""
    shown = ", ".join(f"`{name}`" for name in names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    return shown if more <= 0 else f"{shown} and {more} others"
