"""The table of `interlock monitor` on files."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from interlock.cli import table_console
from interlock.commands.monitor.standalone import FilesComparison
from interlock.domain.basics import figures
from interlock.domain.drift.findings import ColumnFinding
from interlock.domain.drift.status import DriftStatus

MOST_STABLE = 20
"""Stable columns in the table; all others are always shown."""
_COLOURS = {
    DriftStatus.STABLE: "green",
    DriftStatus.INSUFFICIENT: "dim",
    DriftStatus.WARNING: "yellow",
    DriftStatus.DRIFT: "red",
    DriftStatus.BROKEN: "red",
}


def show_files(comparison: FilesComparison) -> None:
    console = table_console.create()
    console.print(f"reference: {figures.count(comparison.reference_rows, 'row')}")
    windows = zip(comparison.window_rows, comparison.result.windows, strict=True)
    for place, (rows, verdict) in enumerate(windows, start=1):
        console.print(f"window {place}: {figures.count(rows, 'row')}, {_verdict(verdict)}")
    _show_columns(console, comparison.result.columns)
    verdict = comparison.result.verdict
    sentence = table_console.plain(comparison.result.sentence)
    console.print(f"verdict: {_verdict(verdict)}: {sentence}")


def _show_columns(console: Console, columns: tuple[ColumnFinding, ...]) -> None:
    table = Table("column", "kind", "verdict", "moved", "psi", "missing", box=None)
    stable = 0
    for column in columns:
        stable += column.verdict is DriftStatus.STABLE
        if column.verdict is DriftStatus.STABLE and stable > MOST_STABLE:
            continue
        measure = column.measure
        table.add_row(
            table_console.cell(column.name),
            measure.kind.value,
            _verdict(column.verdict),
            _number(measure.effect),
            _number(measure.psi),
            _number(measure.missing),
        )
    console.print(table)
    for column in columns:
        if column.verdict is not DriftStatus.STABLE:
            sentence = table_console.plain(f"{column.name} {column.sentence}")
            console.print(f"{_verdict(column.verdict):<12} {sentence}")
    if stable > MOST_STABLE:
        more = figures.count(stable - MOST_STABLE, "more column")
        console.print(f"and {more} as in the reference", style="dim")


def _verdict(verdict: DriftStatus) -> str:
    return f"[{_COLOURS[verdict]}]{verdict}[/]"


def _number(value: float | None) -> str:
    return "" if value is None else figures.significant(value)
