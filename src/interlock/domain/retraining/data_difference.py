"""What a refresh brought, told beside what was there; no data is read here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_NAMED = 5


@dataclass(frozen=True, slots=True)
class DataShape:
    """`columns` maps names to types; `first` and `last` are the ends of the column of times, ""
    where there is none."""

    rows: int
    columns: Mapping[str, str] = field(default_factory=dict)
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class RefreshedPointer:
    """A pointer's new text, and what it names; None where that could not be told."""

    text: bytes
    before: DataShape | None = None
    after: DataShape | None = None


def describe(brought: RefreshedPointer) -> str:
    """`4 rows, 1 more; until 2026-11-03; the same columns`; "" where nothing is known."""
    before, after = brought.before, brought.after
    if after is None:
        return ""
    parts = [_rows(before, after), _times(before, after), _columns(before, after)]
    return "; ".join(part for part in parts if part)


def _rows(before: DataShape | None, after: DataShape) -> str:
    said = f"{after.rows:,} rows"
    more = after.rows - before.rows if before else 0
    if not more:
        return said
    return f"{said}, {abs(more):,} {'more' if more > 0 else 'fewer'}"


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
    new = [name for name in after.columns if name not in before.columns]
    gone = [name for name in before.columns if name not in after.columns]
    other = [n for n, kind in after.columns.items() if before.columns.get(n, kind) != kind]
    said = [
        f"{word} {_listed(names)}"
        for word, names in (("new", new), ("gone", gone), ("of another type", other))
        if names
    ]
    return ", ".join(said) or "the same columns"


def _listed(names: list[str]) -> str:
    """Names as code, so that none of them is read as anything else."""
    shown = ", ".join(f"`{name}`" for name in names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} others"
