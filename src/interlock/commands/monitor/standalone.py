"""Compares live files with a reference file; no repository, no ledger, nothing written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from interlock import errors
from interlock.domain.drift import comparison, detection, measures
from interlock.domain.drift.findings import ColumnFinding, DriftResult, DriftRules
from interlock.domain.drift.measures import ColumnProblem
from interlock.domain.drift.profile import Profile
from interlock.domain.drift.status import DriftStatus
from interlock.domain.model import monitor_rules
from interlock.ports.drift_pages import DriftPages
from interlock.ports.profiling import Profiling

SCHEMA = "interlock/drift-report/v1"
MOST_DRAWN = 50
"""Columns on the page for people: more are a page that no browser opens."""
_DRAWN = frozenset({None, ColumnProblem.UNIT, ColumnProblem.SPELLING})
_NO = frozenset({DriftStatus.DRIFT, DriftStatus.BROKEN})


@dataclass(frozen=True, slots=True)
class MonitorFilesOptions:
    """`windows` are files, each a window of its own, oldest first."""

    reference: str
    windows: Sequence[str]
    rules: DriftRules = field(default_factory=DriftRules)
    include: Sequence[str] = ("*",)
    exclude: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class FilesComparison:
    reference_rows: int
    window_rows: tuple[int, ...]
    judgement: DriftResult


def run(request: MonitorFilesOptions, profiling: Profiling) -> FilesComparison:
    """Profile, measure, judge. Raises CannotProfile for a file that cannot be read, and for a
    reference of which no column is let in: nothing could ever differ from it."""
    wanted = {"include": request.include, "exclude": (*request.exclude, monitor_rules.BOOKKEEPING)}
    reference = profiling.profile([request.reference], **wanted)
    if not reference.columns:
        raise errors.CannotProfile(
            f"no column of {request.reference} is let in", hint="see --include and --exclude"
        )
    windows = tuple(
        comparison.compare(reference, _window(window, reference, profiling, wanted))
        for window in request.windows
    )
    return FilesComparison(
        reference.rows,
        tuple(window.rows for window in windows),
        detection.detect(windows, rules=request.rules),
    )


def _window(
    file: str, reference: Profile, profiling: Profiling, wanted: Mapping[str, Sequence[str]]
) -> Profile:
    """A window is one file here: where that cannot be read there is nothing to go on with."""
    found = profiling.profile_window([file], reference=reference, **wanted)
    for name, reason in found.unread.items():
        raise errors.CannotProfile(f"{name} {reason}", hint="write Parquet or CSV")
    return found.profile


def draw(
    request: MonitorFilesOptions, compared: FilesComparison, *, pages: DriftPages, to: Path
) -> None:
    """Draw the last window, its columns that differ most; raises CannotDraw."""
    if not compared.window_rows[-1]:
        raise errors.CannotDraw(f"{to}: the last window has no rows to draw")
    drawn = [c.measure for c in compared.judgement.columns if c.measure.problem in _DRAWN]
    pages.draw(
        [request.reference],
        [request.windows[-1]],
        columns={measure.name: measure.kind for measure in drawn[:MOST_DRAWN]},
        to=to,
    )


def exit_code(compared: FilesComparison) -> int:
    """Where nothing was compared, the files or the flags are wrong: that is no "yes"."""
    if compared.judgement.is_blind:
        return errors.EXIT_INPUT
    return errors.EXIT_NO if compared.judgement.verdict in _NO else errors.EXIT_DONE


def document(compared: FilesComparison) -> dict[str, Any]:
    """Return what was found as its document; columns are ranked, worst first."""
    judgement = compared.judgement
    return {
        "schema": SCHEMA,
        "verdict": judgement.verdict.value,
        "sentence": judgement.sentence,
        "compared": judgement.compared,
        "reference": {"rows": compared.reference_rows},
        "windows": [
            {"rows": rows, "verdict": verdict.value}
            for rows, verdict in zip(compared.window_rows, judgement.windows, strict=True)
        ],
        "columns": [_column(finding) for finding in judgement.columns],
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
