"""Plot of a window's columns, stored in the ledger so that comments can show it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from interlock import errors
from interlock.domain.monitoring import drift_table
from interlock.domain.monitoring.monitoring_records import DriftReport
from interlock.ledger import lookup
from interlock.ports.ledger import Ledger
from interlock.ports.plots import Plots


def path(report: DriftReport) -> str:
    """Path of a window's plot in the ledger."""
    name = f"drift-{lookup.window_name(report)}"
    return lookup.picture_path(report.model, report.reference, name)


def keep(ledger: Ledger, reports: Sequence[DriftReport], *, plots: Callable[[], Plots]) -> str:
    """Draw the columns that moved most in a model's newest window, unless the plot exists; returns
    its path, "" if no column can be drawn.

    Raises CannotReachGit, and LedgerBroken for a ledger that cannot be read.
    """
    columns = drift_table.columns_to_plot(reports)
    if not columns:
        return ""
    newest = max(reports, key=lambda report: report.end)
    place = path(newest)
    if ledger.read_bytes(place) is not None:
        return place
    png = plots().draw_shares(columns)
    if png is None:
        return ""
    try:
        message = f"Plot of {newest.model} until {newest.end}"
        ledger.append({}, files={place: png}, message=message)
    except errors.LedgerBroken:
        # Another job stored the same plot, drawn by another version of matplotlib.
        ledger.refresh()
        if ledger.read_bytes(place) is None:
            raise
    return place


def find(ledger: Ledger, reports: Sequence[DriftReport]) -> str:
    """Path of the stored plot of a model's newest window, "" without one."""
    newest = max(reports, key=lambda report: report.end, default=None)
    place = path(newest) if newest is not None else ""
    return place if place and ledger.read_bytes(place) is not None else ""


def url(place: str, *, prefix: str) -> str:
    """URL of the plot at a path: "" without a path, or without a `prefix`."""
    return f"{prefix}{place}?raw=true" if place and prefix else ""
