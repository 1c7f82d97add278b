"""What is asked of profiling: data files in, counts out; no row is handed on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from interlock.domain.drift.profile import Profile, WindowProfile


class Profiling(Protocol):
    def profile(
        self,
        sources: Sequence[str],
        *,
        include: Sequence[str] = ("*",),
        exclude: Sequence[str] = (),
    ) -> Profile:
        """Reduce a reference to its profile: one or more Parquet or CSV files, read as one.

        `include` and `exclude` are patterns of column names with `*` and `?`. A column that some
        files lack has missing values there. Raises CannotProfile naming the file that cannot be
        read or in which a column is of another type, OutsideFailure for one that changed while it
        was read.
        """
        ...

    def profile_window(
        self,
        sources: Sequence[str],
        *,
        reference: Profile,
        include: Sequence[str] = ("*",),
        exclude: Sequence[str] = (),
    ) -> WindowProfile:
        """Profile live data on the reference's bins and categories; raises OutsideFailure as
        `profile` does.

        A file that cannot be read, or in which a column is of another type than in others, is left
        out and named. No source at all is an empty window: no rows, no columns.
        """
        ...
