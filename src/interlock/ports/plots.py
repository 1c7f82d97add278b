"""Port: drawing of plots as PNG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from interlock.domain.evaluation.chart_data import Charts
from interlock.domain.model.declared_plots import Plot
from interlock.domain.monitoring.monitoring_records import ColumnReport


@dataclass(frozen=True, slots=True)
class PlotSide:
    """One of the two sides of a plot: its name, and its files by their path."""

    name: str
    files: Mapping[str, bytes]


class Plots(Protocol):
    def draw(
        self, candidate: Charts, *, champion: Charts | None, names: tuple[str, str]
    ) -> dict[str, bytes]:
        """Draw PNGs by name (confusion, calibration, residuals): the champion, if there is one, on
        the left and the candidate on the right, with the same scales, under `names`."""
        ...

    def draw_declared(self, plot: Plot, sides: Sequence[PlotSide]) -> bytes | str:
        """Draw one PNG of a plot that the pipeline declares, the candidate first and then the
        champion, if there is one; or return the reason why it cannot be drawn."""
        ...

    def draw_shares(self, columns: Sequence[ColumnReport]) -> bytes | None:
        """Draw one PNG of the first three columns with known shares, the reference's next to the
        live ones; None without such a column."""
        ...
