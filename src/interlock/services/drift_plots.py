"""The picture of a window, kept in the ledger where comments can show it; what is drawn was decided
in domain.drift_table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from interlock import errors
from interlock.domain.monitoring import drift_table
from interlock.domain.monitoring.monitoring_records import DriftReport
from interlock.ledger import lookup
from interlock.ports.ledger import Ledger
from interlock.ports.plots import Plots


def path(report: DriftReport) -> str:
    """Where the picture of a window lies."""
    return lookup.picture_path(report.model, report.reference, f"drift-{lookup.drift_name(report)}")


def keep(ledger: Ledger, reports: Sequence[DriftReport], *, plots: Callable[[], Plots]) -> str:
    """Draw the columns of a model's newest window that moved most, unless it was done before; the
    path, "" where no column can be shown.

    Raises CannotReachGit, and LedgerBroken for a ledger that cannot be read.
    """
    columns = drift_table.ranked(reports)
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
        message = f"Picture of {newest.model} until {newest.end}"
        ledger.append({}, files={place: png}, message=message)
    except errors.LedgerBroken:
        # Drawn in the same moment by another version of matplotlib: the same picture.
        ledger.refresh()
        if ledger.read_bytes(place) is None:
            raise
    return place


def find(ledger: Ledger, reports: Sequence[DriftReport]) -> str:
    """The picture of a model's newest window that was kept, "" where there is none."""
    newest = max(reports, key=lambda report: report.end, default=None)
    place = path(newest) if newest is not None else ""
    return place if place and ledger.read_bytes(place) is not None else ""


def url(place: str, *, prefix: str) -> str:
    """Where a page shows the picture at a path: "" without one, or without a `prefix`."""
    return f"{prefix}{place}?raw=true" if place and prefix else ""
