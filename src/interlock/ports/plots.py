"""What is asked of the drawing of pictures; numbers in, PNG out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from interlock.domain.charts import Charts
from interlock.domain.watch import ColumnSeen


class Plots(Protocol):
    def draw(
        self, candidate: Charts, *, champion: Charts | None, names: tuple[str, str]
    ) -> dict[str, bytes]:
        """PNG by name (confusion, calibration, residuals): the champion, where there is one, on
        the left and the candidate on the right, on the same scales, under `names`."""
        ...

    def draw_shares(self, columns: Sequence[ColumnSeen]) -> bytes | None:
        """One PNG of the first three columns whose shares are known, the reference's beside the
        live ones; None without any."""
        ...
