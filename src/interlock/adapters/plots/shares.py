"""Draws columns before and after: of each bin or category, the reference's share above the live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.ticker import MaxNLocator, PercentFormatter

from interlock.adapters.plots import figure as canvas
from interlock.domain.monitoring.monitoring_records import ColumnReport

REFERENCE, LIVE = canvas.BLUE, canvas.ORANGE
MOST_COLUMNS = 3
_PANEL_INCHES = {1: 5.6, 2: 4.5, 3: 3.0}
"""Three panels are 900 pixels wide, as the other pictures are."""
_BAR = 0.4


def draw(columns: Sequence[ColumnReport]) -> bytes | None:
    """Draw the first columns with known shares; None without any."""
    shown = [column for column in columns if column.shares][:MOST_COLUMNS]
    if not shown:
        return None
    most = max(len(column.shares) for column in shown)
    figure, axes = canvas.panels(
        len(shown),
        width_inches=_PANEL_INCHES[len(shown)] * len(shown),
        height_inches=1.5 + 0.21 * max(most, 4),
    )
    for axis, column in zip(axes, shown, strict=True):
        _panel(axis, column)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return canvas.png(figure, "Share of the rows, before and after")


def _panel(axis: Any, column: ColumnReport) -> None:
    """Draw horizontal bars, so that their names are easy to read; the first bar is at the top."""
    places = range(len(column.shares))
    above, below = [p - _BAR / 2 for p in places], [p + _BAR / 2 for p in places]
    before = [share.reference for share in column.shares]
    after = [share.live for share in column.shares]
    axis.barh(above, before, height=_BAR, color=REFERENCE, label="reference")
    axis.barh(below, after, height=_BAR, color=LIVE, label="live")
    names = [canvas.short(share.label, most=18) for share in column.shares]
    axis.set_yticks(places, names, fontsize=8)
    axis.invert_yaxis()
    axis.set_xlim(left=0)
    axis.xaxis.set_major_locator(MaxNLocator(4))
    axis.xaxis.set_major_formatter(PercentFormatter(1.0))
    axis.tick_params(axis="x", labelsize=8)
    # The end of the title is the end of the plot, so that a long title can use the space of the bar
    # names.
    axis.set_title(canvas.short(column.name, most=20), loc="right", fontsize=10)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
