"""Draws evaluation data, declared plots and shares as PNG with matplotlib."""

from __future__ import annotations

from collections.abc import Sequence

from interlock.adapters.plots import declared, evaluation, shares
from interlock.adapters.plots.figure import drawing
from interlock.domain.evaluation.chart_data import Charts
from interlock.domain.model.declared_plots import Plot
from interlock.domain.monitoring.monitoring_records import ColumnReport
from interlock.ports.plots import PlotSide


class MatplotlibPlots:
    """Draws as described in ports.plots."""

    def draw(
        self, candidate: Charts, *, champion: Charts | None, names: tuple[str, str]
    ) -> dict[str, bytes]:
        with drawing():
            return evaluation.draw(candidate, champion=champion, names=names)

    def draw_declared(self, plot: Plot, sides: Sequence[PlotSide]) -> bytes | str:
        with drawing():
            return declared.draw(plot, sides)

    def draw_shares(self, columns: Sequence[ColumnReport]) -> bytes | None:
        with drawing():
            return shares.draw(columns)
