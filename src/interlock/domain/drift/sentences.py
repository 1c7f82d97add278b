"""What is said of a column and of a window in plain sentences; names stand in them unescaped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from interlock.domain import figures
from interlock.domain.drift.finding import ColumnFinding, Rules
from interlock.domain.drift.measure import ColumnMeasure, Problem
from interlock.domain.drift.profile import Kind
from interlock.domain.drift.verdict import Verdict

_NOT_COMPARED = {
    Kind.TEXT: "has too many different values to compare; its missing share is as it was",
    Kind.TIME: "is a time, which goes on; its missing share is as it was",
    Kind.OTHER: "holds no single values to compare; its missing share is as it was",
}


def of_nothing() -> str:
    return "no live data was given"


def of_all(verdict: Verdict, columns: Sequence[ColumnFinding], *, rows: int) -> str:
    """One line on all columns."""
    if rows == 0:
        return "the window is empty"
    names = [column.name for column in columns if column.verdict is verdict]
    match verdict:
        case Verdict.BROKEN:
            return f"{figures.listing(names)} cannot be what the model was made for"
        case Verdict.DRIFT:
            return f"{figures.listing(names)} drifted, of {figures.count(len(columns), 'column')}"
        case Verdict.WATCH:
            return f"{figures.listing(names)}: different, but not in enough windows yet"
        case Verdict.STABLE:
            return f"{figures.count(len(columns), 'column')} as in the reference"
        case Verdict.INSUFFICIENT:
            verb = "is" if rows == 1 else "are"
            return f"{figures.count(rows, 'row')} {verb} too few to say anything"
        case _:
            assert_never(verdict)


def of_column(
    measure: ColumnMeasure, verdict: Verdict, *, exceeded: Sequence[bool], rules: Rules
) -> str:
    """What the last window shows of a column, and how it stands."""
    if measure.problem is not None:
        return _problem(measure.problem, measure.detail)
    if verdict is Verdict.INSUFFICIENT:
        return "has too few rows to say anything"
    if verdict is Verdict.STABLE:
        return _NOT_COMPARED.get(measure.kind, "is as in the reference")
    windows = f"{sum(exceeded)} of {figures.count(len(exceeded), 'window')}"
    wanted = "" if verdict is Verdict.DRIFT else f"; {rules.persist} make it drift"
    return f"differs in {windows}: {_shown(measure)}{wanted}"


def _problem(problem: Problem, detail: str) -> str:
    match problem:
        case Problem.VANISHED:
            return "is in the reference and not in the window"
        case Problem.TYPE:
            return f"is of another type: {detail}"
        case Problem.ALL_MISSING:
            return "has no value left: all are missing"
        case Problem.UNIT:
            return f"is {detail} times what it was: another unit"
        case Problem.NEW:
            return f"is new, {detail}: the reference does not have it"
        case _:
            assert_never(problem)


def _shown(measure: ColumnMeasure) -> str:
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
