"""Sentences about columns and windows; column names in them are not escaped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from interlock.domain.basics import figures
from interlock.domain.drift.findings import ColumnFinding
from interlock.domain.drift.measures import ColumnMeasure, ColumnProblem
from interlock.domain.drift.profile import ColumnKind
from interlock.domain.drift.rules import DriftRules
from interlock.domain.drift.status import DriftStatus

_NOT_COMPARED = {
    ColumnKind.TEXT: "too many different values",
    ColumnKind.TIME: "dates always change",
    ColumnKind.OTHER: "no single values",
}
_PROBLEMS = {
    ColumnProblem.NEW: "not in the reference",
    ColumnProblem.TYPE: "of another type",
    ColumnProblem.ALL_MISSING: "no values",
}
_REASONS = 3


def describe_no_data() -> str:
    return "no live data"


def describe_window(
    verdict: DriftStatus, columns: Sequence[ColumnFinding], *, rows: int, reference_rows: int
) -> str:
    """One sentence about all columns, with the number of compared ones."""
    if rows == 0:
        return "the window is empty"
    names = figures.listing([column.name for column in columns if column.verdict is verdict])
    measures = [column.measure for column in columns]
    match verdict:
        case DriftStatus.BROKEN:
            return f"{names or 'the data'} cannot be used: the upstream data pipeline failed"
        case DriftStatus.DRIFT:
            return f"{names} drifted; {describe_coverage(measures)}"
        case DriftStatus.WARNING:
            return (
                f"{names}: different, but not in enough windows yet; {describe_coverage(measures)}"
            )
        case DriftStatus.STABLE:
            return f"no data drift; {describe_coverage(measures)}"
        case DriftStatus.INSUFFICIENT:
            return _too_little(measures, rows=rows, reference_rows=reference_rows)
        case _:
            assert_never(verdict)


def _too_little(measures: Sequence[ColumnMeasure], *, rows: int, reference_rows: int) -> str:
    if measures and not any(each.is_compared for each in measures):
        return describe_coverage(measures)
    if reference_rows < rows:
        return f"too few reference rows to decide: {reference_rows:,}"
    return f"too few rows to decide: {rows:,}"


def describe_coverage(measures: Sequence[ColumnMeasure]) -> str:
    """`2 of 4 columns compared; not compared: id (too many different values), …`."""
    left = [measure for measure in measures if not measure.is_compared]
    sentence = f"{len(measures) - len(left)} of {figures.count(len(measures), 'column')} compared"
    if not left:
        return sentence
    reasons = [f"{measure.name} ({_reason(measure)})" for measure in left]
    return f"{sentence}; not compared: {figures.listing(reasons, most=_REASONS)}"


def _reason(measure: ColumnMeasure) -> str:
    """The reason why a column was not compared."""
    if measure.problem is not None:
        return _PROBLEMS.get(measure.problem, measure.problem.value)
    if measure.kind in _NOT_COMPARED and measure.missing_reference != 1:
        return _NOT_COMPARED[measure.kind]
    return "no values"


def describe_column(
    measure: ColumnMeasure, verdict: DriftStatus, *, exceeded: Sequence[bool], rules: DriftRules
) -> str:
    """One sentence about a column in the last window."""
    if measure.problem is not None:
        return _problem(measure.problem, measure.detail)
    if verdict is DriftStatus.INSUFFICIENT:
        return _insufficient(measure)
    if verdict is DriftStatus.STABLE:
        return _stable(measure)
    windows = f"{sum(exceeded)} of {figures.count(len(exceeded), 'window')}"
    condition = "" if verdict is DriftStatus.DRIFT else f"; drift needs {rules.persist}"
    return f"differs in {windows}: {_changes(measure)}{condition}"


def _insufficient(measure: ColumnMeasure) -> str:
    if measure.is_compared:
        return "has too few rows to decide"
    return f"is not compared ({_reason(measure)}), except for missing values"


def _stable(measure: ColumnMeasure) -> str:
    detail = f"; {measure.detail}" if measure.kind is ColumnKind.NUMBER and measure.detail else ""
    return f"is as in the reference{detail}"


def _problem(problem: ColumnProblem, detail: str) -> str:
    match problem:
        case ColumnProblem.VANISHED:
            return "is in the reference, but not in the window"
        case ColumnProblem.TYPE:
            return f"has another type: {detail}"
        case ColumnProblem.ALL_MISSING:
            return "has only missing values"
        case ColumnProblem.UNIT:
            return f"has another unit: values are {detail} times as large"
        case ColumnProblem.SPELLING:
            return f"has another spelling of the same values: {detail}"
        case ColumnProblem.NEW:
            return f"is new ({detail}): it is not in the reference"
        case _:
            assert_never(problem)


def _changes(measure: ColumnMeasure) -> str:
    parts = []
    if measure.effect is not None:
        parts.append(f"{_percent(measure.effect)} of rows moved")
    if measure.mean_shift is not None:
        parts.append(f"mean {figures.difference(measure.mean_shift, decimals=2)} σ")
    if measure.missing_rise and measure.missing is not None:
        before = measure.missing_reference or 0.0
        parts.append(f"missing {_percent(measure.missing)} after {_percent(before)}")
    if measure.infinite:
        parts.append(f"infinite {_percent(measure.infinite)}")
    if measure.detail:
        parts.append(measure.detail)
    return ", ".join(parts) or "nothing to compare"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"
