"""What `interlock monitor` found, as a table for a person; the numbers are as they come."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from interlock.cli import table_console
from interlock.commands.monitor.standalone import FilesComparison
from interlock.domain.basics import figures, numbers
from interlock.domain.drift.findings import ColumnFinding
from interlock.domain.drift.status import DriftStatus

MOST_STABLE = 20
"""Columns that are as they were and still shown; what differs is shown whatever its number."""
_COLOURS = {
    DriftStatus.STABLE: "green",
    DriftStatus.INSUFFICIENT: "dim",
    DriftStatus.WARNING: "yellow",
    DriftStatus.DRIFT: "red",
    DriftStatus.BROKEN: "red",
}


def show_files(compared: FilesComparison) -> None:
    console = table_console.create()
    console.print(f"reference: {figures.count(compared.reference_rows, 'row')}")
    windows = zip(compared.window_rows, compared.judgement.windows, strict=True)
    for place, (rows, verdict) in enumerate(windows, start=1):
        console.print(f"window {place}: {figures.count(rows, 'row')}, {_verdict(verdict)}")
    _show_columns(console, compared.judgement.columns)
    verdict = compared.judgement.verdict
    said = table_console.plain(compared.judgement.sentence)
    console.print(f"verdict: {_verdict(verdict)}: {said}")


def _show_columns(console: Console, columns: tuple[ColumnFinding, ...]) -> None:
    table = Table("column", "kind", "verdict", "moved", "psi", "missing", box=None)
    quiet = 0
    for column in columns:
        quiet += column.verdict is DriftStatus.STABLE
        if column.verdict is DriftStatus.STABLE and quiet > MOST_STABLE:
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
            said = table_console.plain(f"{column.name} {column.sentence}")
            console.print(f"{_verdict(column.verdict):<12} {said}")
    if quiet > MOST_STABLE:
        more = figures.count(quiet - MOST_STABLE, "more column")
        console.print(f"and {more} as in the reference", style="dim")


def _verdict(verdict: DriftStatus) -> str:
    return f"[{_COLOURS[verdict]}]{verdict}[/]"


def _number(value: float | None) -> str:
    return "" if value is None else numbers.text(value)
