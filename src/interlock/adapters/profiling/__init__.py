"""Profiles Parquet and CSV files: polars reads batches, numpy counts them; no row stays.

What is held grows with the number of columns and the size of a batch, never with the rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from interlock import errors
from interlock.adapters.profiling import learning, tallies
from interlock.adapters.profiling.sources import BATCH, Sources
from interlock.domain.drift.profile import ColumnProfile, Kind, Profile

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
        files = Sources.open(sources)
        names = files.columns(include=include, exclude=exclude)
        if not files.rows:
            raise errors.CannotProfile(
                f"{files.name} has no rows", hint="a reference says what data is like: give it some"
            )
        found: list[ColumnProfile] = []
        for group in _groups(names, files):
            plans = learning.plans(files, group)
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
    ) -> Profile:
        if not sources:
            return Profile(0, ())
        known = reference.named()
        files = Sources.open(sources, like=reference)
        names = files.columns(include=include, exclude=exclude)
        found: dict[str, ColumnProfile] = {}
        for group in _groups([name for name in names if name in known], files):
            plans = [learning.like(known[name], files.schema[name]) for name in group]
            found |= {column.name: column for column in tallies.count(files, plans)}
        files.see_unchanged()
        new = {
            name: ColumnProfile(name, Kind.OTHER, str(files.schema[name]), files.rows, missing=0)
            for name in names
            if name not in known
        }
        return Profile(files.rows, tuple((found | new)[name] for name in names))


def _groups(names: Sequence[str], files: Sources) -> list[Sequence[str]]:
    cells = BATCH * (COLUMNS if files.are_parquet else TEXT_COLUMNS)
    size = max(1, cells // max(1, min(files.rows, BATCH)))
    return [names[start : start + size] for start in range(0, len(names), size)]
