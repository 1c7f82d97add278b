"""Files with columns that drift, and what is found of them; each test says how its columns are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from interlock.adapters.profiling import FileProfiling
from interlock.domain.drift import comparison, detection
from interlock.domain.drift.findings import ColumnFinding, DriftResult
from interlock.domain.drift.rules import DriftRules, Persistence

ONCE = DriftRules(persist=Persistence(1, 1))
Columns = Mapping[str, Any]


def write(path: Path, columns: Columns) -> str:
    pl.DataFrame(columns, strict=False).write_parquet(path)
    return str(path)


def judged(folder: Path, reference: Columns, *windows: Columns) -> DriftResult:
    """Write, profile, measure and judge, one window being enough to drift."""
    files = [
        write(folder / f"{place}.parquet", columns)
        for place, columns in enumerate((reference, *windows))
    ]
    return compared(files[:1], *([file] for file in files[1:]))


def compared(reference: Sequence[str], *windows: Sequence[str]) -> DriftResult:
    profiling = FileProfiling()
    known = profiling.profile(reference)
    measures = [
        comparison.compare(
            known,
            (window_profile := profiling.profile_window(window, reference=known)).profile,
            is_complete=not window_profile.unread,
        )
        for window in windows
    ]
    return detection.detect(measures, rules=ONCE)


def only(folder: Path, reference: Any, live: Any) -> ColumnFinding:
    """What is found of a single column."""
    (column,) = judged(folder, {"x": reference}, {"x": live}).columns
    return column
