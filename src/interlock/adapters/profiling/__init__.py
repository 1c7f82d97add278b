"""Profiles Parquet and CSV files: polars reads batches, numpy counts them; no row stays.

What is held grows with the number of columns and the size of a batch, never with the rows.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

from interlock import errors
from interlock.adapters.profiling import column_plans, tallies
from interlock.adapters.profiling.sources import BATCH, BadFiles, Sources, WantedColumns
from interlock.domain.drift.profile import ColumnKind, ColumnProfile, Profile, WindowProfile

__all__ = ["FileProfiling"]

_EVERY = ("*",)
COLUMNS, TEXT_COLUMNS = 12, 256
"""Columns of a full batch that are read at once, from Parquet and from CSV: more take another pass,
which costs nothing where columns lie apart, and the parsing of all of them where they do not."""


class FileProfiling:
    """The profiling of ports.profiling over files that polars can scan."""

    def profile(
        self,
        sources: Sequence[str],
        *,
        include: Sequence[str] = _EVERY,
        exclude: Sequence[str] = (),
    ) -> Profile:
        files = Sources.open(sources, wanted=WantedColumns(include, exclude))
        if not files.rows:
            raise errors.CannotProfile(
                f"{files.name} has no rows", hint="a reference says what data is like: give it some"
            )
        found: list[ColumnProfile] = []
        for group in _groups(files):
            plans = column_plans.plans(files, group)
            found += tallies.count(files, plans)
        files.see_unchanged()
        return Profile(files.rows, tuple(found))

    def profile_window(
        self,
        sources: Sequence[str],
        *,
        reference: Profile,
        include: Sequence[str] = _EVERY,
        exclude: Sequence[str] = (),
    ) -> WindowProfile:
        wanted = WantedColumns(include, exclude)
        unread: dict[str, str] = {}
        while good := [name for name in sources if name not in unread]:
            try:
                return replace(_window(good, wanted, reference), unread=unread)
            except BadFiles as error:
                unread |= error.files
        return WindowProfile(Profile(0, ()), unread)


def _window(names: Sequence[str], wanted: WantedColumns, reference: Profile) -> WindowProfile:
    known = reference.named()
    files = Sources.open(names, wanted=wanted, like=reference)
    found: dict[str, ColumnProfile] = {}
    for group in _groups(files, of=known):
        plans = [column_plans.like(known[name], files.schema[name]) for name in group]
        found |= {column.name: column for column in tallies.count(files, plans)}
    files.see_unchanged()
    columns = (
        _with_unreadable(found[n], files) if n in found else _new(n, files) for n in files.schema
    )
    return WindowProfile(Profile(files.rows, tuple(columns)), lacking=files.lacking(known))


def _new(name: str, files: Sources) -> ColumnProfile:
    return ColumnProfile(name, ColumnKind.OTHER, str(files.schema[name]), files.rows, missing=0)


def _with_unreadable(column: ColumnProfile, files: Sources) -> ColumnProfile:
    """With the values that are none of its type, which count as missing."""
    odd = files.unreadable(column.name)
    if odd is None:
        return column
    return replace(column, unreadable=odd.rows, other_values=(odd.example,))


def _groups(files: Sources, *, of: Container[str] | None = None) -> list[Sequence[str]]:
    names = [name for name in files.schema if of is None or name in of]
    cells = BATCH * (COLUMNS if files.are_parquet else TEXT_COLUMNS)
    size = max(1, cells // max(1, min(files.rows, BATCH)))
    return [names[start : start + size] for start in range(0, len(names), size)]
