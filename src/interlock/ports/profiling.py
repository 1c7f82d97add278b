"""The port for profiling: data files to counts."""

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
        """Profile reference data: one or more Parquet or CSV files, read as one.

        `include` and `exclude` are patterns of column names with `*` and `?`. A column that is not
        in all files has missing values in the others. Raises CannotProfile for a file that cannot
        be read or has another column type, OutsideFailure for one that changed meanwhile.
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
        """Profile live data with the reference's bins and categories.

        A file that cannot be read or has another column type is left out and reported. Without a
        source the window is empty: no rows, no columns. Raises OutsideFailure as `profile` does.
        """
        ...
