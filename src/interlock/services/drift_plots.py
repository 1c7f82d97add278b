"""Plots of the columns of a window, stored so that comments can show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from interlock.domain.monitoring import drift_table
from interlock.domain.monitoring.monitoring_records import DriftReport
from interlock.domain.reporting import pictures
from interlock.ledger import lookup
from interlock.ports.pictures import Pictures
from interlock.ports.plots import Plots


def path(report: DriftReport) -> str:
    """Path of a window's plot on the branch of pictures."""
    name = f"drift-{lookup.window_name(report)}"
    return pictures.path(report.model, report.reference, name, at=report.end)


def keep(
    branch: Pictures, models: Mapping[str, Sequence[DriftReport]], *, plots: Callable[[], Plots]
) -> dict[str, str]:
    """Draw the columns that moved most in the newest window of each model, unless the plot exists,
    and store all plots at once. Returns their paths by model; a model without a column that can be
    drawn is left out.

    Raises CannotReachGit.
    """
    drawn: dict[str, bytes] = {}
    places: dict[str, str] = {}
    for model, reports in models.items():
        columns = drift_table.columns_to_plot(reports)
        if not columns:
            continue
        place = path(max(reports, key=lambda report: report.end))
        if not branch.has(place):
            png = plots().draw_shares(columns)
            if png is None:
                continue
            drawn[place] = png
        places[model] = place
    branch.store(drawn, message=f"Plots of {', '.join(places)}")
    return places


def find(branch: Pictures, reports: Sequence[DriftReport]) -> str:
    """Path of the stored plot of a model's newest window, "" without one."""
    newest = max(reports, key=lambda report: report.end, default=None)
    place = path(newest) if newest is not None else ""
    return place if place and branch.has(place) else ""


def url(place: str, *, prefix: str) -> str:
    """URL of the plot at a path: "" without a path, or without a `prefix`."""
    return f"{prefix}{place}?raw=true" if place and prefix else ""
