"""Profiles Parquet and CSV files: polars reads batches, numpy counts them.

Memory grows with the number of columns and the size of a batch, not with the number of rows.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

from interlock import errors
from interlock.adapters.profiling import column_plans, tallies
from interlock.adapters.profiling.sources import BATCH, Sources, UnreadableFiles, WantedColumns
from interlock.domain.drift.profile import ColumnKind, ColumnProfile, Profile, WindowProfile

__all__ = ["FileProfiling"]

_EVERY = ("*",)
COLUMNS, TEXT_COLUMNS = 12, 256
"""Columns of a full batch per pass, for Parquet and for CSV. Another pass costs nothing in Parquet,
where columns are stored separately; in CSV it parses all columns again."""


class FileProfiling:
    """Implements ports.profiling for files that polars can scan."""

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
                f"{files.name} has no rows", hint="add rows to the reference data"
            )
        columns: list[ColumnProfile] = []
        for group in _groups(files):
            plans = column_plans.plans(files, group)
            columns += tallies.count(files, plans)
        files.require_unchanged()
        return Profile(files.rows, tuple(columns))

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
            except UnreadableFiles as error:
                unread |= error.files
        return WindowProfile(Profile(0, ()), unread)


def _window(names: Sequence[str], wanted: WantedColumns, reference: Profile) -> WindowProfile:
    known = reference.named()
    files = Sources.open(names, wanted=wanted, like=reference)
    profiles: dict[str, ColumnProfile] = {}
    for group in _groups(files, of=known):
        plans = [column_plans.like(known[name], files.schema[name]) for name in group]
        profiles |= {column.name: column for column in tallies.count(files, plans)}
    files.require_unchanged()
    columns = (
        _with_unreadable(profiles[n], files) if n in profiles else _new(n, files)
        for n in files.schema
    )
    return WindowProfile(Profile(files.rows, tuple(columns)), lacking=files.lacking(known))


def _new(name: str, files: Sources) -> ColumnProfile:
    return ColumnProfile(name, ColumnKind.OTHER, str(files.schema[name]), files.rows, missing=0)


def _with_unreadable(column: ColumnProfile, files: Sources) -> ColumnProfile:
    """Add the values of another type, which count as missing."""
    unreadable = files.unreadable(column.name)
    if unreadable is None:
        return column
    return replace(column, unreadable=unreadable.rows, other_values=(unreadable.example,))


def _groups(files: Sources, *, of: Container[str] | None = None) -> list[Sequence[str]]:
    names = [name for name in files.schema if of is None or name in of]
    cells = BATCH * (COLUMNS if files.are_parquet else TEXT_COLUMNS)
    size = max(1, cells // max(1, min(files.rows, BATCH)))
    return [names[start : start + size] for start in range(0, len(names), size)]
