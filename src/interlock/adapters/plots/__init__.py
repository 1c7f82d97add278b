"""Draws what was counted elsewhere, as PNG by matplotlib's object API; no numbers are computed."""

from __future__ import annotations

from collections.abc import Sequence

from interlock.adapters.plots import evaluation, shares
from interlock.adapters.plots.figure import drawing
from interlock.domain.charts import Charts
from interlock.domain.watch import ColumnSeen


class MatplotlibPlots:
    """The drawing of ports.plots."""

    def draw(
        self, candidate: Charts, *, champion: Charts | None, names: tuple[str, str]
    ) -> dict[str, bytes]:
        with drawing():
            return evaluation.draw(candidate, champion=champion, names=names)

    def draw_shares(self, columns: Sequence[ColumnSeen]) -> bytes | None:
        with drawing():
            return shares.draw(columns)
