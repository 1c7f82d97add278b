"""Compares live files with a reference file, without a repository or a ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from interlock import errors
from interlock.domain.drift import comparison, detection, measures
from interlock.domain.drift.findings import ColumnFinding, DriftResult
from interlock.domain.drift.measures import ColumnProblem
from interlock.domain.drift.profile import Profile
from interlock.domain.drift.rules import DriftRules
from interlock.domain.drift.status import DriftStatus
from interlock.domain.model import monitor_rules
from interlock.ports.drift_pages import DriftPages
from interlock.ports.profiling import Profiling

SCHEMA = "interlock/drift-report/v1"
MOST_DRAWN = 50
"""Columns on the HTML page: browsers cannot open a page with many more."""
_DRAWN = frozenset({None, ColumnProblem.UNIT, ColumnProblem.SPELLING})
_NO = frozenset({DriftStatus.DRIFT, DriftStatus.BROKEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorFilesContext:
    profiling: Profiling
    pages: Callable[[], DriftPages]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorFilesOptions:
    """Each of `windows` is a file with one window, oldest first."""

    reference: str
    windows: Sequence[str]
    rules: DriftRules = field(default_factory=DriftRules)
    include: Sequence[str] = ("*",)
    exclude: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class FilesComparison:
    reference_rows: int
    window_rows: tuple[int, ...]
    result: DriftResult


def run(context: MonitorFilesContext, options: MonitorFilesOptions) -> FilesComparison:
    """Profile the files, compare them, and detect drift. Raises CannotProfile for an unreadable
    file, and if no column of the reference is selected."""
    columns = {"include": options.include, "exclude": (*options.exclude, monitor_rules.BOOKKEEPING)}
    reference = context.profiling.profile([options.reference], **columns)
    if not reference.columns:
        raise errors.CannotProfile(
            f"no column of {options.reference} is selected", hint="change --include or --exclude"
        )
    windows = tuple(
        comparison.compare(reference, _window(window, reference, context.profiling, columns))
        for window in options.windows
    )
    return FilesComparison(
        reference.rows,
        tuple(window.rows for window in windows),
        detection.detect(windows, rules=options.rules),
    )


def _window(
    file: str, reference: Profile, profiling: Profiling, columns: Mapping[str, Sequence[str]]
) -> Profile:
    """Each window is one file, so an unreadable file is an error."""
    window = profiling.profile_window([file], reference=reference, **columns)
    for name, reason in window.unread.items():
        raise errors.CannotProfile(f"{name} {reason}", hint="write Parquet or CSV")
    return window.profile


def draw(
    context: MonitorFilesContext,
    options: MonitorFilesOptions,
    comparison: FilesComparison,
    *,
    to: Path,
) -> None:
    """Draw the columns of the last window that differ most; raises CannotDraw."""
    if not comparison.window_rows[-1]:
        raise errors.CannotDraw(f"{to}: the last window has no rows to draw")
    drawn = [c.measure for c in comparison.result.columns if c.measure.problem in _DRAWN]
    context.pages().draw(
        [options.reference],
        [options.windows[-1]],
        columns={measure.name: measure.kind for measure in drawn[:MOST_DRAWN]},
        to=to,
    )


def exit_code(comparison: FilesComparison) -> int:
    """If no column was compared, the files or options are wrong: that is not a success."""
    if comparison.result.has_no_comparison:
        return errors.EXIT_INPUT
    return errors.EXIT_NO if comparison.result.verdict in _NO else errors.EXIT_DONE


def document(comparison: FilesComparison) -> dict[str, Any]:
    """Return the comparison as `interlock/drift-report/v1`; columns are ranked, worst first."""
    result = comparison.result
    return {
        "schema": SCHEMA,
        "verdict": result.verdict.value,
        "sentence": result.sentence,
        "compared": result.compared,
        "reference": {"rows": comparison.reference_rows},
        "windows": [
            {"rows": rows, "verdict": verdict.value}
            for rows, verdict in zip(comparison.window_rows, result.windows, strict=True)
        ],
        "columns": [_column(finding) for finding in result.columns],
    }


def _column(finding: ColumnFinding) -> dict[str, Any]:
    statistics = measures.statistics(finding.measure)
    adjusted = {} if finding.adjusted_p is None else {"adjusted_p": finding.adjusted_p}
    return {
        "name": finding.name,
        "kind": finding.measure.kind.value,
        "verdict": finding.verdict.value,
        "compared": finding.measure.is_compared,
        "statistics": statistics | adjusted,
        "sentence": finding.sentence,
    }
